"""Making of papers that a change has ordered; runs in a worker, at least once, with one result."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.base.database import session
from app.base.sealkeys import seal_key
from app.documents.errors import DocumentRejected, StorageUnavailable, UnprintableText
from app.documents.lasting import Lasting, place_of_seal, print_lasting
from app.documents.queries import document_of
from app.documents.sealing import SealUnavailable, seal
from app.documents.services import keep_document
from app.workflow import delivery, registry
from app.workflow.models import OutboxMessage


@delivery.handler("document", outages=(OSError, StorageUnavailable, SealUnavailable))
def make_document(message: OutboxMessage) -> None:
    """Make and keep a paper of a case from its frozen data alone (R9.1, R9.2); payload: `document`, `case_id`.

    Which paper that is the workflow declares (`papers`). A repetition finds it and leaves it as it is. What cannot be
    printed will not print the next time either: GiveUp, whose words the record shows (queries.why_no_document).
    """
    workflow = registry.get(str(message.workflow or message.payload["workflow"]))
    case_id = int(message.case_id or message.payload["case_id"])
    kind = str(message.payload.get("document") or workflow.document)
    if document_of(workflow.name, case_id, kind) is not None:
        return
    model: Any = workflow.model
    case: Any = session.get(model, case_id, options=model.eager_options())
    try:
        paper: Lasting | None = workflow.papers[kind](case) if case is not None else None
        if paper is None:
            raise delivery.GiveUp(_("There is no signed agreement to print."), code="no_agreement")
        content = print_lasting(paper)
    except (UnprintableText, DocumentRejected) as refused:
        raise delivery.GiveUp(refused.message, code=refused.code) from refused
    key = None if paper.by_hand else seal_key()  # a paper to be stamped by hand is no agreement yet
    if key is not None:
        content = seal(content, place_of_seal(content))
    keep_document(case, kind, content, name=paper.file_name, sealed_by=key.fingerprint if key else None)
