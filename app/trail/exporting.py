"""What a stranger needs to check the histories without us: links, commitments and sealed heads; it names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.trail import blocks, heads
from app.trail.models import AuditBlock
from app.workflow import chain, history
from app.workflow.models import History, HistoryHead

FORMAT, VERSION = "history-export", 1


def lines_of_export(school_id: int | None) -> Iterator[str]:
    """The export, one JSON object a line: what it is, the sealed heads, every step of every chain, the audit trail.

    With a school only its chain; the sealed heads name the ends of all chains by hashes, which tell nothing.
    """
    chains = [school_id] if school_id is not None else _chains()
    names = [heads.name_of(one) for one in chains] + ([heads.AUDIT] if school_id is None else [])
    made = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    yield line_of({"format": FORMAT, "version": VERSION, "made_at": made, "chains": names})
    for file in heads.all_files():
        yield line_of({"day": file.day, "heads": file.content.decode()})
    for one in chains:
        for row in history.rows_of(one):
            yield line_of(step_told(row))
    if school_id is None:
        query = select(AuditBlock).order_by(AuditBlock.id).execution_options(yield_per=1000)
        for block in session.scalars(query):
            yield line_of({"audit": blocks.public_part(block), "hash": bytes(block.hash).hex()})


def _chains() -> list[int]:
    found = set(session.scalars(select(HistoryHead.chain))) | set(session.scalars(select(History.chain).distinct()))
    return sorted(found)


def step_told(row: History) -> dict[str, Any]:
    """What a program needs of a step to make its link again."""
    told = {"step": chain.public_part(row), "hash": bytes(row.hash).hex()}
    if row.seal is None:  # from before there were commitments: its hash is taken as it is
        return {**told, "first": True}
    return {**told, "hidden": chain.commitment(row, row.seal).hex()}


def line_of(content: dict[str, Any]) -> str:
    """One line of an export, or of what is told of a single record."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
