"""Keeping files and handing them out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access import looks
from app.access.actors import Actor, require
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.documents.errors import DocumentRejected
from app.documents.lasting import Lasting
from app.documents.marked.services import is_marked, marked_copy
from app.documents.marked.snapshots import marked_kind
from app.documents.models import StoredFile
from app.documents.queries import attachments_visible_to, document_of, is_unmade, why_no_document
from app.documents.sealedfiles import FileTampered
from app.documents.storage import storage
from app.workflow import delivery, registry
from app.workflow.models import BareCaseMixin, OutboxMessage

PDF = "application/pdf"
UNMADE = "unmade_papers"  # the operators' view
_NO_PAPER = _("There is no paper of this record yet: it is made once the matter is settled.")
_NO_AGREEMENT = _("There is no agreement yet: it is made once the signing is complete.")
_NONE_YET = {"agreement": _NO_AGREEMENT, "offline_agreement": _NO_AGREEMENT}
_SCOPE = ("province_id", "school_id", "department_id", "level", "graduate_id", "employer_id")


def keep_document(
    case: BareCaseMixin, kind: str, content: bytes, *, name: str, sealed_by: str | None = None
) -> StoredFile:
    """Keep a paper that the program made for a case, once and for ever (R9.1).

    Called by the document worker. The second call for the same case and kind changes nothing and returns the paper
    that is already kept, whatever the new content. The file carries the case's scope, and by which certificate it was sealed.
    """
    with transaction():
        key = storage().put(content)
        session.execute(
            insert(StoredFile)
            .values(
                workflow=case.workflow_name,
                case_id=case.id,
                kind=kind,
                generated=True,
                name=name,
                mime=PDF,
                size=len(content),
                sha256=bytes.fromhex(key),
                sealed_by=sealed_by,
                created_by="system",
                **{column: getattr(case, column) for column in _SCOPE},
            )
            .on_conflict_do_nothing()
        )
        kept = document_of(case.workflow_name, case.id, kind)
        assert kept is not None
        return kept


def make_again(message_ids: Sequence[int], *, actor: Actor) -> int:
    """Try again now to make these papers, once the cause is mended; for operators. Returns how many. Raises Forbidden."""
    require(actor, "can_retry", UNMADE)
    query = select(OutboxMessage.id).where(OutboxMessage.id.in_(message_ids), is_unmade())
    return delivery.retry(session.scalars(query).all())


def attachment_for(file_id: int, *, actor: Actor) -> StoredFile:
    """A kept file, for everybody who may see its case (R1.7, R9.3).

    Raises NotFound when it is not there or out of scope, Forbidden when role or module permission are missing.
    """
    file = session.scalar(attachments_visible_to(actor).where(StoredFile.id == file_id))
    if file is None:
        raise NotFound()
    workflow = registry.get(file.workflow)
    if not (actor.reads(workflow.module) and actor.may("can_show", workflow.name)):
        raise Forbidden()
    looks.note(looks.DOWNLOAD, file, file.kind)
    return file


def document_file(
    case: BareCaseMixin, kind: str = "agreement", *, original: bool = False
) -> tuple[io.BytesIO, str] | None:
    """The paper of a case and its name, None while the worker has not made it yet (R7.4, R9.1).

    Of a case that is over it is the copy that says so on every page, unless the `original` is asked for. The caller has
    checked that the reader may see the case. Raises NotFound when none was ever ordered, Conflict `document_failed` with
    the reason when it could not be made.
    """
    file = document_of(case.workflow_name, case.id, kind)
    marked = file is not None and not original and is_marked(case, kind)
    if marked:
        file = marked_copy(case, kind)
    if file is not None:
        looks.note(looks.DOWNLOAD, file, kind)
        return io.BytesIO(read_file(file)), file.name
    reason = why_no_document(case.workflow_name, case.id)
    if reason:
        raise Conflict(reason, "document_failed")
    if not marked and registry.get(case.workflow_name).papers[kind](case) is None:
        raise NotFound(_NONE_YET.get(kind, _NO_PAPER), "no_document")
    return None


def paper_to_read(case: BareCaseMixin, kind: str) -> tuple[Lasting, StoredFile | None]:
    """What a paper of a case says, to be read on screen, and the file of the same words as far as it is made.

    Of a case that is over it is what the marked copy says. The caller has checked that the reader may see the case.
    Raises NotFound where there is nothing to read.
    """
    papers = registry.get(case.workflow_name).papers
    marked = kind in papers and is_marked(case, kind)
    name, original = marked_kind(kind) if marked else kind, document_of(case.workflow_name, case.id, kind)
    paper = papers[name](case) if kind in papers and original is not None else None
    if paper is None:
        raise NotFound(_NONE_YET.get(kind, _NO_PAPER), "no_document")
    looks.note(looks.DOWNLOAD, original, kind)  # it says all that the PDF says
    return paper, document_of(case.workflow_name, case.id, name)


def read_file(file: StoredFile) -> bytes:
    """The bytes of a kept file, checked against the digest of the day it was kept.

    Raises DocumentRejected when they are gone or were changed behind the program's back.
    """
    try:
        with storage().open(file.sha256.hex()) as opened:
            content = opened.read()
    except FileNotFoundError:
        raise DocumentRejected(_("the file is missing")) from None
    except FileTampered:
        raise DocumentRejected(_("the file was changed")) from None
    if hashlib.sha256(content).digest() != file.sha256:
        raise DocumentRejected(_("the file was changed"))
    return content
