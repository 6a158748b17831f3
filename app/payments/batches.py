"""Batches for a bank's own program: orders out as a CSV file, results back as another (R5.3)."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from sqlalchemy import select

from app.base import clock
from app.base.database import session, transaction
from app.payments.models import HANDED_OVER, ORDERED, PaymentOrder
from app.payments.services import settle_payment

COLUMNS = ("reference", "payee", "account", "bank", "bank_code", "amount")
RESULT_COLUMNS = ("reference", "status", "problem")
MOST_IN_A_BATCH = 5000


def write_batch(folder: Path) -> Path | None:
    """Write what waits into `folder`/out and mark it as handed over; None when nothing waits. For the command line.

    The file is whole before the orders are marked; a crash between the two writes it again under the same name.
    """
    with transaction():
        query = select(PaymentOrder).where(PaymentOrder.status == ORDERED).order_by(PaymentOrder.id)
        orders = list(session.scalars(query.limit(MOST_IN_A_BATCH).with_for_update(skip_locked=True)))
        if not orders:
            return None
        name = f"{clock.today():%Y%m%d}-{orders[0].id}.csv"
        target = folder / "out" / name
        _write(target, orders)
        for order in orders:
            order.status, order.batch = HANDED_OVER, name
    return target


def read_results(folder: Path) -> dict[str, int]:
    """Read the files in `folder`/in, each row `reference,status,problem`; done ones move to `folder`/read.

    Returns how many rows were news, known already, and not understood. For the command line and the clock.
    """
    counts = {"settled": 0, "known": 0, "wrong": 0}
    for file in sorted((folder / "in").glob("*.csv")):
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))):
            counts[_read_row(row)] += 1
        done = folder / "read" / file.name
        done.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, done)
    return counts


def _read_row(row: dict[str, str | None]) -> str:
    reference, status, problem = ((row.get(name) or "").strip() for name in RESULT_COLUMNS)
    if not reference or status not in ("sent", "failed"):
        return "wrong"
    told = (problem or "failed") if status == "failed" else ""
    return "settled" if settle_payment(reference, told) else "known"


def _write(target: Path, orders: list[PaymentOrder]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    with temporary.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        sheet.writerows([getattr(order, name) or "" for name in COLUMNS] for order in orders)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o600)  # accounts of units
    os.replace(temporary, target)
