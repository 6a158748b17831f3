"""Reading of copies in a worker: which pages they are, how sharp, and whether they still say what was printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.base.database import session
from app.base.failures import Failure
from app.documents.errors import StorageUnavailable
from app.documents.lasting import page_codes
from app.documents.models import StoredFile
from app.documents.queries import document_of
from app.documents.scans.models import ScanSheet
from app.documents.scans.services import KIND, keep_sheets
from app.documents.scans.words import NO_CODE, OTHER_PAPER, OTHER_TEXT, PAGE
from app.documents.services import read_file
from app.documents.storage import storage
from app.workflow import delivery, registry
from app.workflow.models import OutboxMessage

if TYPE_CHECKING:
    from app.documents.scans import sight

_SURE = 60  # a page without a readable code is known by its looks when it is so like one of the paper


@delivery.handler(KIND, outages=(OSError, StorageUnavailable))
def read_scan(message: OutboxMessage) -> None:
    """Read a file that ought to be a copy of a paper; payload: `file_id`, `paper`. A file is read once."""
    file = session.get(StoredFile, int(message.payload["file_id"]))
    if file is None or session.scalar(select(ScanSheet.id).where(ScanSheet.file_id == file.id).limit(1)):
        return
    keep_sheets(file, list(_Reader(file, str(message.payload["paper"])).read()))


class _Reader:
    """One file against the paper that it should be a copy of; of a paper that is not kept here the code alone is read."""

    def __init__(self, file: StoredFile, paper: str) -> None:
        from app.documents.scans import sight

        self._sight, self._file = sight, file
        workflow = registry.get(file.workflow)
        kept = document_of(file.workflow, file.case_id, paper) if paper in workflow.papers else None
        if kept is None and paper in workflow.papers:
            raise Failure(_("The paper that this should be a copy of has not been printed yet."), code="not_printed")
        self._original = sight.Original(read_file(kept)) if kept else None
        self._codes: list[str] = []
        self._marks: sight.Marks | None = None  # of the picture that is looked at
        if kept is not None:
            model: Any = workflow.model
            case = session.get(model, file.case_id, options=model.eager_options())
            printed = workflow.papers[paper](case)
            self._codes = page_codes(printed)[: len(self._original or ())] if printed else []

    def read(self) -> Iterator[ScanSheet]:
        """A row for each code that was found, and one for each picture without any."""
        for picture in self._sight.sheets(read_file(self._file), self._file.mime):
            codes, self._marks = self._sight.codes_on(picture), None
            rows = [self._with_code(picture, code) for code in codes] or [self._without_code(picture)]
            for row in rows:
                row.pages = len(self._codes) or None
                yield row

    def _with_code(self, picture: sight.Picture, code: sight.Code) -> ScanSheet:
        if not self._codes:
            return ScanSheet(verdict=PAGE, number=code.number)
        number = self._codes[0].rpartition("-")[0].rpartition("-")[0]
        if code.number != number:
            return ScanSheet(verdict=OTHER_PAPER, number=code.number, page=code.page)
        is_page = f"{number}-{code.page}-{code.text}" in self._codes
        laid = self._laid(picture, code.page) if code.page and code.page <= len(self._codes) else None
        return _row(PAGE if is_page else OTHER_TEXT, code.page, laid, number)

    def _without_code(self, picture: sight.Picture) -> ScanSheet:
        for page in range(1, len(self._codes) + 1):
            laid = self._laid(picture, page)
            if laid is not None and laid.likeness >= _SURE:
                return _row(NO_CODE, page, laid)
        return ScanSheet(verdict=NO_CODE)

    def _laid(self, picture: sight.Picture, page: int) -> sight.Laid | None:
        if self._original is None:
            return None
        self._marks = self._marks or self._sight.marks_of(picture)
        return self._original.laid(picture, self._marks, page)


def _row(verdict: str, page: int | None, laid: sight.Laid | None, number: str | None = None) -> ScanSheet:
    row = ScanSheet(verdict=verdict, page=page, number=number)
    if laid is not None:
        row.likeness, row.differing = laid.likeness, laid.differing
        row.shown = bytes.fromhex(storage().put(laid.shown))
    return row
