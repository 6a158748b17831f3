"""Orders to pay small remittances, and their batches for a bank's own program: a CSV file out, results back (R5.3)."""

from __future__ import annotations

import csv
import io
import logging
import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.outward import OutwardError
from app.base.sealed import at
from app.base.wholefiles import written_whole
from app.payments import adapters
from app.payments.adapters.base import Remittance
from app.payments.models import FAILED, HANDED_OVER, ORDERED, SENT, PaymentOrder
from app.workflow import outbox

log = logging.getLogger(__name__)

COLUMNS = ("reference", "payee", "account", "bank", "bank_code", "amount")
RESULT_COLUMNS = ("reference", "status", "problem")
MOST_IN_A_BATCH = 5000


def order_payment(remittance: Remittance) -> PaymentOrder:
    """Keep the order and hand it to the bank; again with the same reference it changes nothing.

    Called by the delivery of the outbox. What the bank says at once is told on; else settle_payment() comes later.
    """
    with transaction():
        values = {
            "reference": remittance.reference,
            "payee": remittance.payee,
            "account": at(remittance.account, remittance.reference),
            "account_index": blind_index(remittance.account),
            "bank": remittance.bank,
            "bank_code": remittance.bank_code,
            "amount": at(remittance.amount, remittance.reference),
            "status": ORDERED,
            "created_at": clock.now(),
        }
        session.execute(insert(PaymentOrder).values(values).on_conflict_do_nothing(index_elements=["reference"]))
        order = _locked(remittance.reference)
        assert order is not None
        known = adapters.adapter().send(remittance) if order.status == ORDERED else None
        if known is not None:
            _settle(order, known)
    return order


def ask_for_outcomes() -> int:
    """Ask the bank what has become of orders that it has only accepted; returns how many are settled now. For the clock."""
    query = select(PaymentOrder.reference).where(PaymentOrder.status == ORDERED).order_by(PaymentOrder.id)
    settled = 0
    for reference in session.scalars(query.limit(MOST_IN_A_BATCH)).all():
        try:
            known = adapters.adapter().outcome(reference)
        except OutwardError as error:  # the others may still be told
            log.warning("payment order %s: %s", reference, error)
            continue
        settled += known is not None and settle_payment(reference, known)
    return settled


def settle_payment(reference: str, problem: str = "") -> bool:
    """The bank says that it has paid, or why it could not; returns whether that is news. For adapters alone."""
    with transaction():
        order = _locked(reference)
        if order is None or order.status not in (ORDERED, HANDED_OVER):
            return False
        _settle(order, problem)
    return True


def _settle(order: PaymentOrder, problem: str) -> None:
    order.status, order.problem, order.settled_at = (FAILED if problem else SENT), problem[:200] or None, clock.now()
    payload = {"reference": order.reference, "problem": problem[:200]}
    outbox.post("payment_settled", payload, key=f"payment:{order.reference}")


def _locked(reference: str) -> PaymentOrder | None:
    query = select(PaymentOrder).where(PaymentOrder.reference == reference).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


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
    with written_whole(target) as file:  # for its owner alone: accounts of units
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        sheet = csv.writer(text)
        sheet.writerow(COLUMNS)
        sheet.writerows([getattr(order, name) or "" for name in COLUMNS] for order in orders)
        text.detach()
