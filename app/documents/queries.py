"""Which kept files there are, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.failures import UNEXPECTED
from app.documents.models import StoredFile
from app.workflow.models import OutboxMessage


def attachments_visible_to(actor: Actor) -> Select[tuple[StoredFile]]:
    """All kept files in the actor's scope (R1.7): the same scope as the cases they belong to."""
    return select(StoredFile).where(in_scope(StoredFile, actor))


def document_of(workflow: str, case_id: int, kind: str = "agreement") -> StoredFile | None:
    """The paper that the program made for this case; None when there is none, or not yet.

    The caller has checked that the reader may see the case.
    """
    query = select(StoredFile).where(
        StoredFile.workflow == workflow,
        StoredFile.case_id == case_id,
        StoredFile.kind == kind,
        StoredFile.generated.is_(True),
    )
    return session.scalar(query)


def why_no_document(workflow: str, case_id: int) -> str | None:
    """Why the paper of this case could not be made, in words for people; None while it may still come."""
    query = (
        select(OutboxMessage.error_code, OutboxMessage.error_detail)
        .where(
            OutboxMessage.workflow == workflow,
            OutboxMessage.case_id == case_id,
            OutboxMessage.kind == "document",
            OutboxMessage.status == "failed",
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    )
    failed = session.execute(query).one_or_none()
    if failed is None:
        return None
    if failed.error_code in (None, UNEXPECTED):
        return str(_("The document could not be made because of a fault on our side. Please call the service line."))
    return str(failed.error_detail)


def is_unmade() -> ColumnElement[bool]:
    """The condition that a row of the outbox is a paper which has not been made."""
    return and_(OutboxMessage.kind == "document", OutboxMessage.status != "done")


def attachments_of(workflow: str, case_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The uploaded files of many cases with one statement, oldest first, as the API tells them."""
    found: dict[int, list[dict[str, Any]]] = {case_id: [] for case_id in case_ids}
    query = (
        select(StoredFile)
        .where(StoredFile.workflow == workflow, StoredFile.case_id.in_(case_ids), StoredFile.generated.is_(False))
        .order_by(StoredFile.id)
    )
    for file in session.scalars(query):
        found[file.case_id].append(attachment_json(file))
    return found


def attachment_json(file: StoredFile) -> dict[str, Any]:
    """One kept file as the API tells it."""
    return {"id": file.id, "kind": file.kind, "name": file.name, "sha256": file.sha256.hex(), "size": file.size}
