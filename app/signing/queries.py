"""Public check of an agreement: is it genuine, is the file ours, and is it still in force (R9.4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import throttle
from app.base.database import session
from app.base.errors import NotFound, Throttled
from app.base.masks import mask_person, mask_unit
from app.base.values.names import is_same
from app.documents.models import StoredFile
from app.documents.numbering import is_agreement_number, typed_agreement_number
from app.documents.queries import document_of
from app.signing.paper.models import AgreementNumber
from app.workflow import registry
from app.workflow.stages import Stage

# People type a number once or twice; programs that guess names are stopped.
CHECKS = throttle.Limit("verify", most=20, window=10 * 60, wait=0)
_STATES = {Stage.IN_FORCE: "valid", Stage.ENDED: "terminated", Stage.VOIDED: "void", Stage.FAILED: "refused"}
# Until then an agreement on paper has its number, but waits for the unit's stamp or for the review of it.
_PENDING = "pending"
_PAPER = {"offline_signing": "offline_agreement"}
MOST_BYTES = 5 * 1024 * 1024  # our own papers have a few hundred KB


@dataclass(frozen=True)
class Verified:
    """What the public page tells about an agreement; the parties masked."""

    number: str
    state: str  # valid, terminated, void, refused, pending
    employer: str
    graduate: str
    school: str
    signed_at: datetime | None
    digest: str | None


def verify_agreement(number: str, graduate_name: str, *, ip: str | None) -> Verified:
    """Confirm an agreement to anybody who knows its number and the graduate's name.

    Raises Throttled after 20 tries from one address in ten minutes, NotFound that never says which part was wrong.
    """
    _count(ip)
    case = _signed(typed_agreement_number(number))
    name = (case.snapshot or {})["graduate"]["name"] if case is not None else ""
    if case is None or not is_same(name, graduate_name):
        raise NotFound(
            _("No agreement has this number and this graduate's name. Please check both on the paper."), "no_match"
        )
    return _told(case)


def verify_file(content: bytes, *, ip: str | None) -> Verified:
    """Confirm a file to anybody who has it: it is the one that this platform made, byte for byte, and its state now.

    The file is compared by its digest and never opened: strangers send it. Raises Throttled, NotFound when the
    platform never made it or a byte of it was changed.
    """
    _count(ip)
    query = select(StoredFile).where(
        StoredFile.sha256 == hashlib.sha256(content).digest(),
        StoredFile.generated.is_(True),
        StoredFile.kind.in_(("agreement", *_PAPER.values())),
    )
    file = session.scalar(query)
    if file is None:
        raise NotFound(
            _(
                "This file is not one that this platform made, or it has been changed since. Do not rely on it; "
                "please ask the graduate for the original file, or check the number and the name."
            ),
            "no_match",
        )
    return _told(session.get_one(registry.get(file.workflow).model, file.case_id))


def _count(ip: str | None) -> None:
    attempt, wait = throttle.begin(CHECKS, ip or "unknown")
    if attempt is None:
        raise Throttled(wait)


def _signed(number: str) -> Any:
    """The signing that has ever had this number, online or on paper."""
    known = session.get(AgreementNumber, number) if is_agreement_number(number) else None
    return session.get(registry.get(known.workflow).model, known.case_id) if known else None


def _told(case: Any) -> Verified:
    file = document_of(case.workflow_name, case.id, _PAPER.get(case.workflow_name, "agreement"))
    return Verified(
        number=str(case.number),
        state=_STATES.get(Stage(case.stage), _PENDING),
        employer=mask_unit(case.snapshot["employer"]["name"]),
        graduate=mask_person(case.snapshot["graduate"]["name"]),
        school=case.snapshot["school"]["name"],
        signed_at=case.signed_at,
        digest=file.sha256.hex() if file else None,
    )
