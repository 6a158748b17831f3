"""What is known of a record's steps beside their words: links, commitments, the sealed heads that cover them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.base.clock import SHANGHAI, day_of
from app.base.database import session
from app.cases.models import CaseMixin
from app.documents.errors import DocumentRejected
from app.documents.models import StoredFile
from app.documents.sealing.queries import SealFound, seal_found
from app.documents.services import PDF, read_file
from app.trail import heads
from app.trail.exporting import step_told
from app.trail.heads import HeadFile
from app.workflow import history
from app.workflow.models import History


@dataclass(frozen=True)
class Link:
    """The place of a step in its chain; `head` is the first day's file that seals it, None where none does yet."""

    row: History
    previous: str
    head: HeadFile | None

    @property
    def place(self) -> str:
        """The chain and the number in it."""
        return f"{heads.name_of(self.row.chain)} · {self.row.seq}"

    @property
    def hidden(self) -> str | None:
        """The commitment to what may name a person; None of steps from before there were commitments."""
        return self.told.get("hidden")

    @property
    def told(self) -> dict[str, Any]:
        """For programs: all that is needed to make the link again."""
        return {"previous": self.previous, **step_told(self.row)}


@dataclass(frozen=True)
class Paper:
    """A kept file, and what seal of ours it bears."""

    file: StoredFile
    seal: SealFound | None

    @property
    def sealed_at(self) -> datetime | None:
        """When it was sealed, by the clocks of China."""
        at = self.seal.sealed_at if self.seal is not None else None
        return at.astimezone(SHANGHAI) if at is not None else None


def links_of(case: CaseMixin) -> list[Link]:
    """Every step of a case, oldest first; the caller has checked that the reader may see the case."""
    rows = history.of_case(case.workflow_name, case.id)
    before = {(row.chain, row.seq - 1) for row in rows}
    query = select(History.chain, History.seq, History.hash).where(
        History.chain.in_({one for one, _seq in before}), History.seq.in_({seq for _one, seq in before})
    )
    known = {(one, seq): bytes(link).hex() for one, seq, link in session.execute(query)}
    covering = _Covering()
    return [Link(row, known.get((row.chain, row.seq - 1), ""), covering.of(row)) for row in rows]


def papers_of(case: CaseMixin) -> list[Paper]:
    """Every file that is kept of a case, oldest first."""
    query = select(StoredFile).where(StoredFile.workflow == case.workflow_name, StoredFile.case_id == case.id)
    return [Paper(file, _seal_on(file)) for file in session.scalars(query.order_by(StoredFile.id))]


def _seal_on(file: StoredFile) -> SealFound | None:
    if not file.generated or file.mime != PDF:
        return None
    try:
        return seal_found(read_file(file))
    except DocumentRejected:  # gone or changed: the digest that was noted is told, and no seal
        return None


class _Covering:
    """The files of sealed heads, each read once."""

    def __init__(self) -> None:
        self._days: Sequence[str] = heads.days()
        self._read: dict[str, tuple[HeadFile, dict[str, int]]] = {}

    def of(self, row: History) -> HeadFile | None:
        """The first file whose heads go as far as this step."""
        name = heads.name_of(row.chain)
        return next((file for file, ends in self._from(row.at) if ends.get(name, 0) >= row.seq), None)

    def _from(self, at: datetime) -> Iterator[tuple[HeadFile, dict[str, int]]]:
        first = bisect_left(self._days, day_of(at).isoformat())
        for day in self._days[first:]:
            if day not in self._read:
                file = heads.file_of(day)
                self._read[day] = file, {name: number for name, number, _link in file.statement["heads"]}
            yield self._read[day]
