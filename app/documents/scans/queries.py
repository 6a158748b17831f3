"""What was read on the copies of a paper that were handed in with a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.base.database import session
from app.documents.models import StoredFile
from app.documents.queries import document_of
from app.documents.scans.models import ScanSheet
from app.documents.scans.words import OTHER_PAPER, Line, sheet_line, whole_lines


@dataclass(frozen=True)
class Reading:
    """What can be said of all copies together, and of each sheet: its file, its row, tone and words."""

    whole: Sequence[Line]
    sheets: Sequence[tuple[StoredFile, ScanSheet, Line]]
    waiting: bool


def sheets_of(case: Any, kind: str) -> list[tuple[StoredFile, ScanSheet | None]]:
    """The files of this kind, oldest first, each with its sheets; None for one that has not been read yet."""
    query = (
        select(StoredFile, ScanSheet)
        .outerjoin(ScanSheet, ScanSheet.file_id == StoredFile.id)
        .where(
            StoredFile.workflow == case.workflow_name,
            StoredFile.case_id == case.id,
            StoredFile.kind == kind,
            StoredFile.generated.is_(False),
        )
        .order_by(StoredFile.id, ScanSheet.sheet)
    )
    return [(file, sheet) for file, sheet in session.execute(query)]


def reading_of(case: Any, kind: str, paper: str) -> Reading | None:
    """What was read on the copies of this paper; None where there is neither paper nor copy.

    The caller has checked that the reader may see the case.
    """
    found = sheets_of(case, kind)
    original = document_of(case.workflow_name, case.id, paper)
    if not found or original is None:
        return None
    read = [(file, sheet, sheet_line(sheet)) for file, sheet in found if sheet is not None]
    pages = [sheet.page for _file, sheet, _line in read if sheet.page and sheet.verdict != OTHER_PAPER]
    waiting = sum(sheet is None for _file, sheet in found)
    count = max((sheet.pages or 0 for _file, sheet, _line in read), default=0)
    return Reading(whole_lines(count, pages, waiting), read, bool(waiting))
