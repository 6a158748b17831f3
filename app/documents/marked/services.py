"""Orders the marked copy of a paper when somebody asks for the paper of a case that is over."""

from __future__ import annotations

from sqlalchemy import select

from app.base.clock import moment
from app.base.database import session, transaction
from app.documents.marked.snapshots import marked_kind, matter_of
from app.documents.models import StoredFile
from app.documents.queries import document_of
from app.workflow import outbox, registry
from app.workflow.models import BareCaseMixin, OutboxMessage
from app.workflow.stages import OVER


def is_marked(case: BareCaseMixin, kind: str) -> bool:
    """Whether this paper of the case is handed out as a copy that says that it is over."""
    return matter_of(case).stage in OVER and marked_kind(kind) in registry.get(case.workflow_name).papers


def marked_copy(case: BareCaseMixin, kind: str) -> StoredFile | None:
    """The copy of a case that is over; None while the worker makes it, which the first call orders.

    A copy from before the end that holds now (a verdict was taken back and another one given) makes way for a new one.
    """
    name, since = marked_kind(kind), matter_of(case).state_since
    with transaction():
        made = document_of(case.workflow_name, case.id, name)
        if made is not None and made.created_at >= since:
            return made
        # Two who ask at once order one copy.
        session.execute(select(type(case).id).where(type(case).id == case.id).with_for_update())
        key = f"{name}:{case.workflow_name}:{case.id}:{moment(since)}"
        if session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is None:
            if made is not None:
                made.kind = f"{kind}-{made.id}"
            payload = {"document": name, "workflow": case.workflow_name, "case_id": case.id}
            outbox.post("document", payload, key=key, workflow=case.workflow_name, case_id=case.id)
    return None
