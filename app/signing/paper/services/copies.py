"""Pictures that a unit has sent through its link but not handed in yet: they belong to the link, and go with it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, delete, select

from app.access.actors import Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, NotFound
from app.cases.attachments import turned
from app.documents.models import StoredFile
from app.documents.services import read_file
from app.documents.uploads import hand_over, keep_upload
from app.signing.paper.attachments import STAMPED
from app.signing.paper.models import OfflineSigning, UploadLink

# No workflow: what lies here is in nobody's scope and on nobody's page but the link's own.
_PLACE: Final = "upload_link"
MOST_FILES: Final = 6


def copies_of(link: UploadLink) -> Sequence[StoredFile]:
    """What has been sent so far, oldest first."""
    return session.scalars(_of(link.id).order_by(StoredFile.id)).all()


def copy_of(link: UploadLink, file_id: int) -> StoredFile:
    """One of them; raises NotFound."""
    file = session.scalar(_of(link.id).where(StoredFile.id == file_id))
    if file is None:
        raise NotFound()
    return file


def keep_copy(link: UploadLink, content: bytes, name: str, visitor: Actor) -> StoredFile:
    """Keep one more; raises Conflict `too_many_files`, TooLarge, UnsupportedMedia, Invalid."""
    with transaction():
        session.get_one(UploadLink, link.id, with_for_update=True, populate_existing=True)
        if len(copies_of(link)) >= MOST_FILES:
            raise Conflict(_("At most %(most)s files. Please remove one first.", most=MOST_FILES), "too_many_files")
        owner = SimpleNamespace(workflow_name=_PLACE, id=link.id)
        return keep_upload(owner, STAMPED, content, name=name, actor=visitor, allow_pdf=True)


def turn_copy(link: UploadLink, file_id: int, visitor: Actor) -> StoredFile:
    """Turn a picture by a quarter; the new one has a new id. Raises NotFound, Invalid at `file` for a paper."""
    with transaction():
        file = copy_of(link, file_id)
        content, name = turned(read_file(file), file.mime), file.name
        session.delete(file)
        session.flush()
        return keep_copy(link, content, name, visitor)


def remove_copy(link: UploadLink, file_id: int) -> None:
    """Take one away again; raises NotFound."""
    with transaction():
        session.delete(copy_of(link, file_id))


def hand_in_copies(link: UploadLink, case: OfflineSigning) -> None:
    """Give all to the case, in the running transaction."""
    for file in copies_of(link):
        hand_over(file, case)


def forget_copies(case_id: int) -> None:
    """Let go of what was sent through the links of a case and never handed in."""
    links = select(UploadLink.id).where(UploadLink.case_id == case_id)
    session.execute(delete(StoredFile).where(StoredFile.workflow == _PLACE, StoredFile.case_id.in_(links)))


def outlived() -> ColumnElement[bool]:
    """Of kept files those that wait at a link whose time is over."""
    links = select(UploadLink.id).where(UploadLink.expires_at <= clock.now())
    return and_(StoredFile.workflow == _PLACE, StoredFile.case_id.in_(links))


def _of(link_id: int) -> Any:
    return select(StoredFile).where(StoredFile.workflow == _PLACE, StoredFile.case_id == link_id)
