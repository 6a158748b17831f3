"""History with a hash chain: who did what, when, from where to where, and proof that nobody changed it (R11.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.base.database import session
from app.workflow.models import History, HistoryHead

_HASHED = (
    *("chain", "seq", "workflow", "case_id", "event", "from_state", "to_state"),
    *("actor_id", "actor", "role", "reason", "detail", "source"),
)


def digest(row: History, previous: bytes) -> bytes:
    """The row's hash: over its own content and the hash of the row before it in the chain."""
    content: dict[str, Any] = {name: getattr(row, name) for name in _HASHED}
    content["at"] = row.at.timestamp()
    if row.proof is not None:  # rows from before there were proofs keep their hash
        content["proof"] = row.proof
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def append(rows: Sequence[History]) -> None:
    """Add rows, in order, each to the end of its chain, in the running transaction.

    The heads of the chains are locked until the commit, so that two writers cannot continue from the same place; they
    are taken in one order, so that two writers never wait for each other. Costs the same for one row and for many.
    """
    if not rows:
        return
    heads = _locked_heads({row.chain for row in rows})
    for row in rows:
        head = heads[row.chain]
        head.seq += 1
        row.seq = head.seq
        row.hash = head.hash = digest(row, head.hash)
    session.add_all(rows)


def _locked_heads(chains: set[int]) -> dict[int, HistoryHead]:
    query = (
        select(HistoryHead)
        .where(HistoryHead.chain.in_(chains))
        .order_by(HistoryHead.chain)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    heads = {head.chain: head for head in session.scalars(query)}
    new = sorted(chains - heads.keys())
    if new:
        values = [{"chain": chain, "seq": 0, "hash": b""} for chain in new]
        session.execute(insert(HistoryHead).values(values).on_conflict_do_nothing())
        heads = {head.chain: head for head in session.scalars(query)}
    return heads


def of_case(workflow: str, case_id: int) -> list[History]:
    """All transitions of one case, oldest first."""
    query = select(History).where(History.workflow == workflow, History.case_id == case_id).order_by(History.id)
    return list(session.scalars(query))


def of_cases(workflow: str, case_ids: Sequence[int]) -> dict[int, list[History]]:
    """The transitions of many cases with one statement, oldest first."""
    found: dict[int, list[History]] = {case_id: [] for case_id in case_ids}
    query = select(History).where(History.workflow == workflow, History.case_id.in_(case_ids)).order_by(History.id)
    for row in session.scalars(query):
        found[row.case_id].append(row)
    return found


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold."""

    chain: int
    seq: int
    history_id: int | None


def broken_links() -> Iterator[Break]:
    """Walk all chains and name each place that was changed, removed or added behind the program's back."""
    heads = {head.chain: head for head in session.scalars(select(HistoryHead))}
    chains = set(heads) | set(session.scalars(select(History.chain).distinct()))
    for chain in sorted(chains):
        yield from _broken_in(chain, heads.get(chain))


def _broken_in(chain: int, head: HistoryHead | None) -> Iterator[Break]:
    previous, expected = b"", 1
    query = select(History).where(History.chain == chain).order_by(History.seq).execution_options(yield_per=1000)
    for row in session.scalars(query):
        if row.seq != expected or digest(row, previous) != row.hash:
            yield Break(chain, row.seq, row.id)
        previous, expected = row.hash, row.seq + 1
    if head is None or head.seq != expected - 1 or head.hash != previous:
        yield Break(chain, expected, None)
