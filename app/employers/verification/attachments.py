"""Files of a verification: pictures of stamped papers (R9.3)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.access.actors import EMPLOYER, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.documents.models import StoredFile
from app.documents.queries import attachment_json
from app.documents.uploads import MOST_BYTES, keep_upload
from app.employers.models import EmployerVerification
from app.employers.verification.guards import ATTACHMENT_KINDS
from app.employers.verification.services import WITH_APPLICANT
from app.employers.verification.workflow import VERIFICATION
from app.workflow import engine

MOST_FILES = 12  # licence, authorization and a few more pictures; an applicant is not yet known to anybody


def attach_file(case_id: int, kind: str, file: Any, *, actor: Actor) -> dict[str, Any]:
    """Keep a picture of a stamped paper: authorization_letter, licence or other. For the applicant (R9.3).

    Raises NotFound, Forbidden, Conflict (`wrong_state`, `too_many_files`), TooLarge, UnsupportedMedia, Invalid.
    """
    with transaction():
        case: EmployerVerification = engine.load(VERIFICATION, case_id, actor=actor, lock=True)
        _refuse(case, kind, actor)
        content = file.stream.read(MOST_BYTES + 1)
        kept = keep_upload(case, kind, content, name=file.filename or "", actor=actor)
    return attachment_json(kept)


def remove_file(case_id: int, file_id: int, *, actor: Actor) -> None:
    """Take a file away again while the record is with the applicant. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        case: EmployerVerification = engine.load(VERIFICATION, case_id, actor=actor, lock=True)
        _refuse(case, ATTACHMENT_KINDS[0], actor)
        file = next((file for file in files_of(case) if file.id == file_id), None)
        if file is None:
            raise NotFound()
        session.delete(file)


def files_of(case: EmployerVerification) -> list[StoredFile]:
    """The files of a verification, oldest first; the caller has checked that the reader may see it."""
    query = select(StoredFile).where(StoredFile.workflow == case.workflow_name, StoredFile.case_id == case.id)
    return list(session.scalars(query.order_by(StoredFile.id)))


def _refuse(case: EmployerVerification, kind: str, actor: Actor) -> None:
    if actor.kind != EMPLOYER or not actor.may("can_create", VERIFICATION.name):
        raise Forbidden()
    if case.state not in WITH_APPLICANT:
        raise Conflict(
            _("What has been submitted cannot be changed. The service line helps if something is wrong."),
            "wrong_state",
        )
    if kind not in ATTACHMENT_KINDS:
        raise Invalid({"kind": [_("Please choose from the list.")]})
    count = session.scalar(
        select(func.count()).where(StoredFile.workflow == case.workflow_name, StoredFile.case_id == case.id)
    )
    if (count or 0) >= MOST_FILES:
        raise Conflict(_("At most %(most)s files. Please remove one first.", most=MOST_FILES), "too_many_files")
