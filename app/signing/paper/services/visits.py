"""What somebody who comes by a link can do: see what is signed, fetch the agreement, hand in the stamped copy (R7.6)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import audit, throttle
from app.access.actors import EMPLOYER, Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import AppError, Conflict, Invalid, NotFound, Throttled
from app.documents.models import StoredFile
from app.documents.services import document_file
from app.documents.uploads import keep_upload
from app.signing.paper.attachments import STAMPED, wants_copy
from app.signing.paper.models import OfflineSigning, UploadLink
from app.signing.paper.services.copies import (
    MOST_FILES,
    copies_of,
    copy_of,
    hand_in_copies,
    keep_copy,
    remove_copy,
    turn_copy,
)
from app.signing.paper.services.upload_links import hash_of
from app.workflow import engine, registry

# Who has the link needs one try; programs that guess are stopped.
GUESSES = throttle.Limit("upload_link_guess", most=20, window=10 * 60, wait=0)
WORKFLOW = "offline_signing"
_LONGEST_TOKEN = 64  # ours have 32 signs; what is much longer is not even hashed


@dataclass(frozen=True)
class Invitation:
    """All that the page behind a link may show."""

    number: str
    unit: str
    graduate: str
    school: str
    expires_at: datetime


def look(token: str, *, ip: str | None) -> Invitation:
    """Who signs, and the number of the agreement, to whoever holds an open link.

    Raises Throttled after 20 wrong tries from one address in ten minutes; NotFound: `no_link` (never was one),
    `link_expired`, `link_used`, `link_revoked`. Every look and try stands in the audit trail.
    """
    link, case = _enter(token, ip, "upload_link_look")
    frozen = case.snapshot or {}
    return Invitation(
        number=str(case.number),
        unit=frozen["employer"]["name"],
        graduate=frozen["graduate"]["name"],
        school=frozen["school"]["name"],
        expires_at=link.expires_at,
    )


def agreement_by_link(token: str, *, ip: str | None) -> tuple[io.BytesIO, str] | None:
    """The agreement's PDF and its name; None while the worker makes it. Raises as look()."""
    _link, case = _enter(token, ip, "upload_link_document")
    return document_file(case, "offline_agreement")


def sent_by_link(token: str, *, ip: str | None) -> Sequence[StoredFile]:
    """What has been sent and not handed in yet. Raises as look()."""
    return copies_of(_enter(token, ip, "upload_link_file")[0])


def read_by_link(token: str, file_id: int, *, ip: str | None) -> StoredFile:
    """One of these files, to look at. Raises as look()."""
    return copy_of(_enter(token, ip, "upload_link_file")[0], file_id)


def keep_by_link(token: str, content: bytes, name: str, *, ip: str | None) -> StoredFile:
    """Keep one picture or paper until all are handed in. Raises as look(), and what keep_copy() raises."""
    link, case = _enter(token, ip, "upload_link_file")
    return keep_copy(link, content, name, _visitor(case, ip))


def turn_by_link(token: str, file_id: int, *, ip: str | None) -> StoredFile:
    """Turn one of them. Raises as look(), and what turn_copy() raises."""
    link, case = _enter(token, ip, "upload_link_file")
    return turn_copy(link, file_id, _visitor(case, ip))


def remove_by_link(token: str, file_id: int, *, ip: str | None) -> None:
    """Take one of them away. Raises as look()."""
    remove_copy(_enter(token, ip, "upload_link_file")[0], file_id)


def upload_by_link(token: str, files: Sequence[tuple[bytes, str]], *, ip: str | None) -> None:
    """Hand in the stamped copy: 1 to 6 files, those kept before and these (content, name). The review begins, the link ends.

    Raises as look(); Conflict `already_uploaded` when somebody was quicker, or what the workflow refuses; TooLarge,
    UnsupportedMedia, Invalid at `file`. On any of them nothing is kept.
    """
    link, case = _enter(token, ip, "upload_link_upload")
    visitor = _visitor(case, ip)
    try:
        if not 1 <= len(files) + len(copies_of(link)) <= MOST_FILES:
            raise Invalid({"file": [_("Please choose one to %(most)s files.", most=MOST_FILES)]})
        with transaction():
            _hand_in(link, files, visitor)
            _note("upload_link_done", visitor, link.case_id, "uploaded")
    except AppError as refusal:
        _note("upload_link_done", visitor, link.case_id, refusal.code)
        raise


def _hand_in(link: UploadLink, files: Sequence[tuple[bytes, str]], visitor: Actor) -> None:
    # The case is held before the link, as by everybody else who ends links: nobody waits in a circle.
    case = engine.load(registry.get(WORKFLOW), link.case_id, actor=visitor, lock=True)
    link = session.get_one(UploadLink, link.id, with_for_update=True, populate_existing=True)
    if _why_closed(link) or not wants_copy(case):
        raise Conflict(
            _("The stamped copy has been handed in already, or the link was taken back. Nothing more is to be done."),
            "already_uploaded",
        )
    hand_in_copies(link, case)
    for content, name in files:
        keep_upload(case, STAMPED, content, name=name, actor=visitor, allow_pdf=True)
    engine.fire(WORKFLOW, case.id, "upload", actor=visitor)
    link.used_at, link.revoked_at = clock.now(), None  # the event ends what is open, this one by its use


def _enter(token: str, ip: str | None, action: str) -> tuple[UploadLink, OfflineSigning]:
    """The link and its case, if it is open; every try is counted and written down."""
    attempt, wait = throttle.begin(GUESSES, ip or "unknown")
    if attempt is None:
        raise Throttled(wait)
    link = None
    if 0 < len(token) <= _LONGEST_TOKEN and token.isascii():
        link = session.scalar(select(UploadLink).where(UploadLink.token_hash == hash_of(token)))
    if link is None:
        _note(action, _stranger(ip), None, "no_link")
        raise NotFound(
            _("This link leads nowhere. Please open it exactly as it was sent, or ask the graduate for a new one."),
            "no_link",
        )
    throttle.take_back(attempt)
    case = _case(link.case_id)
    closed = _why_closed(link) or _why_unwanted(case)
    _note(action, _stranger(ip), link.case_id, closed or "open")
    if closed:
        raise NotFound(_CLOSED[closed], closed)
    return link, case


_CLOSED: dict[str, Any] = {
    "link_used": _("The stamped copy has been handed in already. Nothing more is to be done."),
    "link_revoked": _("This link is no longer valid. Please ask the graduate for a new one."),
    "link_expired": _("The time of this link is over. Please ask the graduate for a new one."),
}


def _why_closed(link: UploadLink) -> str | None:
    if link.used_at is not None:
        return "link_used"
    if link.revoked_at is not None:
        return "link_revoked"
    return "link_expired" if link.expires_at <= clock.now() else None


def _why_unwanted(case: OfflineSigning) -> str | None:
    if case.invalid_since is not None:
        return "link_revoked"
    return None if wants_copy(case) else "link_used"


def _case(case_id: int) -> OfflineSigning:
    query = select(OfflineSigning).where(OfflineSigning.id == case_id).options(*OfflineSigning.eager_options())
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _visitor(case: OfflineSigning, ip: str | None) -> Actor:
    """The unit as far as the link goes: this one record, and the one event."""
    return Actor(
        kind=EMPLOYER,
        name=case.employer.name if case.employer else "",
        only_case=(WORKFLOW, case.id),
        permissions=frozenset({("can_show", WORKFLOW), ("can_upload", WORKFLOW)}),
        ip=ip,
    )


def _stranger(ip: str | None) -> Actor:
    return Actor(kind=EMPLOYER, name="upload link", ip=ip)


def _note(action: str, actor: Actor, case_id: int | None, outcome: str) -> None:
    subject = None if case_id is None else f"{WORKFLOW} {case_id}"
    audit.record(action, actor=actor, subject=subject, detail={"outcome": outcome})
