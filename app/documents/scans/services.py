"""Orders the reading of a file that was handed in, and keeps what was read."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from app.access.actors import Actor
from app.base.database import session, transaction
from app.base.errors import NotFound
from app.documents.models import StoredFile
from app.documents.scans.models import ScanSheet
from app.documents.services import attachment_for
from app.documents.storage import storage
from app.workflow import outbox

KIND = "scan"


def order_reading(file: StoredFile, paper: str) -> None:
    """Let a worker read a file that ought to be a copy of this paper of its case; within the caller's transaction."""
    outbox.post(
        KIND,
        {"file_id": file.id, "paper": paper},
        key=f"{KIND}:{file.id}:{secrets.token_hex(4)}",
        workflow=file.workflow,
        case_id=file.case_id,
    )


def keep_sheets(file: StoredFile, sheets: Iterable[ScanSheet]) -> None:
    """Keep what was read on a file; called by the worker, once a file."""
    with transaction():
        for number, sheet in enumerate(sheets, 1):
            sheet.file_id, sheet.sheet = file.id, number
            session.add(sheet)


def shown_of(sheet_id: int, *, actor: Actor) -> bytes:
    """The picture of page and copy side by side, for everybody who may see the copy. Raises NotFound, Forbidden."""
    sheet = session.get(ScanSheet, sheet_id)
    if sheet is None or sheet.shown is None:
        raise NotFound()
    attachment_for(sheet.file_id, actor=actor)
    with storage().open(sheet.shown.hex()) as opened:
        return opened.read()
