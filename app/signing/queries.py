"""Public check of an agreement and of the papers of other workflows: three answers, each for itself (R9.4).

Is the file as it was made, is the seal on it ours, and is what it says in force now. What was not checked is not told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import throttle
from app.base import clock
from app.base.database import session
from app.base.errors import NotFound, Throttled
from app.base.masks import mask_amount, mask_day, mask_person, mask_unit
from app.base.values.names import is_same
from app.documents.models import StoredFile
from app.documents.numbering import is_agreement_number, typed_agreement_number
from app.documents.queries import document_of
from app.documents.readback import number_on
from app.documents.sealing.queries import SealFound, seal_found
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import AgreementNumber, OfflineSigning
from app.workflow import history, registry
from app.workflow.stages import Stage

# People type a number once or twice; programs that guess names are stopped.
CHECKS = throttle.Limit("verify", most=20, window=10 * 60, wait=0)
_STATES = {
    Stage.IN_FORCE: ("valid", _("This agreement is registered here and in force.")),
    Stage.ENDED: ("terminated", _("This agreement has been terminated. It is no longer in force.")),
    Stage.VOIDED: ("void", _("This agreement has been voided. It is no longer in force.")),
    Stage.FAILED: ("refused", _("This agreement was not approved by the school. It never came into force.")),
}
# Until then an agreement on paper has its number, but waits for the unit's stamp or for the review of it.
_PENDING = (
    "pending",
    _(
        "This agreement has been made but is not in force yet: the unit's stamp or the school's review is still missing."
    ),
)
_UNKNOWN = ("unknown", _("Nothing can be said of the agreement, since the file is not as it was made here."))
_NO_AGREEMENT = (
    "unknown",
    _("This paper was made here. It is no agreement, so there is nothing of it that could be in force or have ended."),
)
# In which papers and authorizations of other workflows can be besides.
_OTHERS = ("replaced", "revoked", "over")
STATES = (*(state for state, _text in _STATES.values()), _PENDING[0], _UNKNOWN[0], *_OTHERS)
_PAPER = {"offline_signing": "offline_agreement"}
MOST_BYTES = 5 * 1024 * 1024  # our own papers have a few hundred KB


@dataclass(frozen=True)
class Answer:
    """One of the three: whether it is well, and what that means, for people."""

    ok: bool
    text: Any


@dataclass(frozen=True)
class SealAnswer(Answer):
    """Whether the seal on the file is ours; whose certificate it is and when it was put there, where it is."""

    certificate: str | None = None
    sealed_at: datetime | None = None


@dataclass(frozen=True)
class Standing(Answer):
    """Whether the agreement is in force at this moment, in one of STATES; since when."""

    state: str = ""
    since: datetime | None = None
    what: Any = ""  # what was checked, where it is no agreement


@dataclass(frozen=True)
class Verified:
    """What strangers are told. `file` and `seal` are None where only number and name were checked.

    `facts`: number, unit, graduate, school, position, salary_month, report_by; the parties always masked, the terms
    too where nobody has shown the file: enough to see that the paper in the hand says something else. None where
    nothing is known. What other workflows tell has their `kind`, and stands in `rows` in words.
    """

    file: Answer | None
    seal: SealAnswer | None
    standing: Standing
    facts: dict[str, Any] | None
    digest: str | None
    checked_at: datetime
    rows: Sequence[tuple[Any, Any]] = ()


def verify_agreement(number: str, graduate_name: str, *, ip: str | None) -> Verified:
    """Confirm an agreement, or a paper of another workflow, to anybody who knows its number and the graduate's name.

    Raises Throttled after 20 misses from one address in ten minutes, NotFound that never says which part was wrong.
    """
    attempt = _begin(ip)
    case = _signed(typed_agreement_number(number))
    name = (case.snapshot or {})["graduate"]["name"] if case is not None else ""
    other = _of_others(number, graduate_name, ip) if case is None else None
    if other is None and (case is None or not is_same(name, graduate_name)):
        raise NotFound(
            _("Nothing has this number and this graduate's name. Please check both on the paper."), "no_match"
        )
    throttle.take_back(attempt)
    if other is not None:
        return other
    assert case is not None
    file = document_of(case.workflow_name, case.id, _PAPER.get(case.workflow_name, "agreement"))
    return _told(case, None, None, digest=file.sha256.hex() if file else None)


def verify_file(content: bytes, *, ip: str | None) -> Verified:
    """Tell anybody who has a file whether it is as this platform made it, whether our seal is on it, and what it is worth.

    The file is compared by its digest and by what its seal covers; strangers send it, so it is parsed only where the
    seal says that every byte of it is ours. Raises Throttled after 20 foreign files from one address in ten minutes.
    """
    attempt = _begin(ip)
    digest = hashlib.sha256(content).digest()
    query = select(StoredFile).where(StoredFile.sha256 == digest, StoredFile.generated.is_(True))
    kept, found = session.scalar(query), seal_found(content)
    whole = kept is not None or (found is not None and found.whole)
    if whole:
        throttle.take_back(attempt)
    file, seal = _of_file(whole, found), _of_seal(found)
    table = registry.get(kept.workflow) if kept else None
    case = session.get(table.model, kept.case_id) if kept and table else None
    if kept and table and table.checked_paper is not None:
        told: Verified = table.checked_paper(case, kept.kind)
        return replace(told, file=file, seal=seal, digest=digest.hex())
    if whole and not isinstance(case, OnlineSigning | OfflineSigning):  # what follows an agreement names it
        case = _signed(number_on(content) or "")
    return _told(case, file, seal, digest=digest.hex())


def _of_file(whole: bool, found: SealFound | None) -> Answer:
    if whole:
        return Answer(True, _("Every byte is as this platform made it."))
    if found is not None:
        return Answer(False, _("Something was added to the file after it was sealed. Do not rely on what it shows."))
    return Answer(
        False,
        _(
            "This file is not one that this platform made, or it has been changed since. Do not rely on it; "
            "please ask the graduate for the original file, or check the number and the name."
        ),
    )


def _of_seal(found: SealFound | None) -> SealAnswer:
    if found is None:
        return SealAnswer(False, _("There is no valid seal of this platform on the file."))
    return SealAnswer(True, _("The seal is this platform's."), found.certificate, found.sealed_at)


def _begin(ip: str | None) -> throttle.Try:
    attempt, wait = throttle.begin(CHECKS, ip or "unknown")
    if attempt is None:
        raise Throttled(wait)
    return attempt


def _signed(number: str) -> Any:
    """The signing that has ever had this number, online or on paper."""
    known = session.get(AgreementNumber, number) if is_agreement_number(number) else None
    return session.get(registry.get(known.workflow).model, known.case_id) if known else None


def _of_others(number: str, name: str, ip: str | None) -> Verified | None:
    """What other workflows say of a number of theirs."""
    answers = (flow.checked(number, name, ip) for flow in registry.all_workflows() if flow.checked is not None)
    return next((one for one in answers if one is not None), None)


def _told(case: Any, file: Answer | None, seal: SealAnswer | None, *, digest: str | None) -> Verified:
    facts = _facts(case, in_clear=file is not None) if case is not None else None
    standing = _standing(case) if case is not None else _nothing(file)
    return Verified(file, seal, standing, facts, digest, clock.now())


def _nothing(file: Answer | None) -> Standing:
    state, text = _NO_AGREEMENT if file is not None and file.ok else _UNKNOWN
    return Standing(False, text, state)


def _standing(case: Any) -> Standing:
    """As the record stands now, since the step that brought it there."""
    state, text = _STATES.get(Stage(case.stage), _PENDING)
    steps = (row.at for row in history.of_case(case.workflow_name, case.id)[::-1] if row.from_state != row.to_state)
    return Standing(state == "valid", text, state, next(steps, case.signed_at))


def _facts(case: Any, *, in_clear: bool) -> dict[str, Any]:
    snapshot = case.snapshot
    position = snapshot["position"]
    title, salary, day = position["title"], position.get("salary_month"), position.get("report_by")
    if not in_clear:
        title, salary, day = mask_person(title), mask_amount(salary), mask_day(day)
    return {
        "number": str(case.number),
        "unit": mask_unit(snapshot["employer"]["name"]),
        "graduate": mask_person(snapshot["graduate"]["name"]),
        "school": snapshot["school"]["name"],
        "position": title,
        "salary_month": salary,
        "report_by": day,
    }
