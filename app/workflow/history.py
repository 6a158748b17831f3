"""History with a hash chain: who did what, when, from where to where, and proof that nobody changed it (R11.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import Actor
from app.base import chainkeys
from app.base.database import session
from app.base.kept import Kept
from app.workflow import chain
from app.workflow.models import BareCaseMixin, History, HistoryHead

_PIECE = 1000  # rows
DISCARD, DISCARDED = "discard", "discarded"  # how the history of a draft ends that its author has thrown away


def line(
    case: BareCaseMixin, event: str, *, left: str | None, reached: str, actor: Actor, at: datetime, **more: Any
) -> History:
    """The row that tells one step of a case, from the state it left to the one it reached; `append` keeps it."""
    return History(
        chain=case.chain,
        workflow=case.workflow_name,
        case_id=case.id,
        event=event,
        from_state=left,
        to_state=reached,
        actor_id=actor.user_id,
        actor=actor.name,
        role=actor.kind,
        at=at,
        source=actor.ip,
        **{"detail": {}, **more},
    )


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
        row.hash = head.hash = chain.digest(row, head.hash)
        row.seal = chain.seal_of(row.hash)
    for head in heads.values():
        head.seal = chain.seal_of_head(head.chain, head.seq, head.hash, head.sealed_from)
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
        values = [{"chain": one, "seq": 0, "hash": b"", "sealed_from": 1, "seal": b""} for one in new]
        session.execute(insert(HistoryHead).values(values).on_conflict_do_nothing())
        heads = {head.chain: head for head in session.scalars(query)}
    return heads


def of_case(workflow: str, case_id: int) -> list[History]:
    """All transitions of one case, oldest first."""
    return _of_case().rows({"of": workflow, "case": case_id})


@cache
def _of_case() -> Kept:
    """Put together once: every page of a case asks."""
    own = (History.workflow == bindparam("of"), History.case_id == bindparam("case"))
    return Kept(select(History).where(*own).order_by(History.id))


def of_cases(workflow: str, case_ids: Sequence[int]) -> dict[int, list[History]]:
    """The transitions of many cases with one statement, oldest first."""
    found: dict[int, list[History]] = {case_id: [] for case_id in case_ids}
    query = select(History).where(History.workflow == workflow, History.case_id.in_(case_ids)).order_by(History.id)
    for row in session.scalars(query):
        found[row.case_id].append(row)
    return found


UNDO = "undo"


def standing(rows: Sequence[History]) -> list[History]:
    """The steps that were not taken back, without those that took others back: for whoever counts on them."""
    undone = {number for row in rows if row.event == UNDO for number in row.detail["undone"]}
    return [row for row in rows if row.event != UNDO and row.id not in undone]


@dataclass(frozen=True)
class Break:
    """A place where a chain does not hold, and why."""

    chain: int
    seq: int
    history_id: int | None
    why: str
    workflow: str | None = None
    case_id: int | None = None


CHANGED, REMOVED, UNSEALED, NO_KEY, CUT, NO_HEAD = "changed", "removed", "unsealed", "no_key", "cut", "no_head"
MORE = "more"
_MOST_OF_A_CHAIN = 20  # breaks that are told one by one: of a chain written anew every row is one


def broken_links() -> Iterator[Break]:
    """Walk all chains and name each place that was changed, removed or added behind the program's back."""
    heads = {head.chain: head for head in session.scalars(select(HistoryHead))}
    for number in sorted(set(heads) | set(session.scalars(select(History.chain).distinct()))):
        yield from _broken_in(number, heads.get(number))


def _broken_in(number: int, head: HistoryHead | None) -> Iterator[Break]:
    previous, expected, told, newest = b"", 1, 0, 0
    for row in rows_of(number):
        why = _fault(row, previous, expected, head.sealed_from if head else 1)
        # The number of a row is no part of its hash, yet readers and states go by it.
        why, newest = why or (CHANGED if row.id <= newest else None), max(newest, row.id)
        if why:
            told += 1
            if told > _MOST_OF_A_CHAIN:
                yield Break(number, row.seq, row.id, MORE)
                return
            yield Break(number, row.seq, row.id, why, row.workflow, row.case_id)
        previous, expected = bytes(row.hash), row.seq + 1
    if head is None:
        yield Break(number, expected, None, NO_HEAD)
    elif not _ends(head, expected - 1, previous):
        yield Break(number, expected, None, CUT)


def rows_of(number: int) -> Iterator[History]:
    """The rows of a chain, oldest first, read in pieces."""
    query = select(History).where(History.chain == number).order_by(History.seq)
    return iter(session.scalars(query.execution_options(yield_per=_PIECE)))


def _fault(row: History, previous: bytes, expected: int, sealed_from: int) -> str | None:
    if row.seq != expected:
        return REMOVED
    if row.seal is not None and not chainkeys.knows_key_of(row.seal):
        return NO_KEY
    if row.seal is None and row.seq >= sealed_from:
        return UNSEALED
    return None if chain.holds(row, previous) else CHANGED


def _ends(head: HistoryHead, seq: int, link: bytes) -> bool:
    told = chain.head_content(head.chain, head.seq, head.hash, head.sealed_from)
    return (head.seq, bytes(head.hash)) == (seq, link) and (seq == 0 or chainkeys.holds(head.seal, told))
