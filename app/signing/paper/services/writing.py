"""How a graduate writes a signing on paper, and finds the unit of a credit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access import throttle
from app.access.actors import GRADUATE, Actor
from app.base.database import session
from app.base.errors import Forbidden, Invalid, Throttled
from app.base.values import Unreadable, credit_codes
from app.cases.services import Body, Writing, own_graduate
from app.documents.texts.queries import versions_in_force
from app.employers.models import Employer
from app.flags.queries import Shown, warning_for
from app.roster.models import Graduate
from app.schools.models import THREE_PARTY
from app.signing.paper.forms import WHOLE, read_draft, read_whole
from app.signing.paper.models import OfflineSigning, PaperMixin, Supplementary
from app.workflow.table import Label

LOOK_UPS = throttle.Limit("unit_look_up", most=60, window=10 * 60, wait=0)
_PREFILLED = ("name", "uscc", "nature", "industry", "region", "address")


@dataclass(frozen=True)
class FoundUnit:
    """What a credit code leads to: the unit's data to fill in (None where none is registered), and a warning."""

    facts: dict[str, str | None] | None
    warning: Shown | None


def unit_of_credit_code(code: str, *, actor: Actor) -> FoundUnit:
    """The verified unit of a credit code, to be offered while the graduate fills in, and the warning about it (R7.2).

    For graduates. Raises Forbidden, Invalid at `uscc`, Throttled.
    """
    if actor.kind != GRADUATE or actor.graduate_id is None:
        raise Forbidden()
    _try, wait = throttle.begin(LOOK_UPS, str(actor.user_id))
    if wait:
        raise Throttled(wait)
    try:
        code = credit_codes.read(code[:64])
    except Unreadable as error:
        raise Invalid({"uscc": [error.reason]}) from error
    school_id = session.scalar(select(Graduate.school_id).where(Graduate.id == actor.graduate_id))
    unit = session.scalar(select(Employer).where(Employer.uscc == code, Employer.verified_at.is_not(None)))
    facts = {name: getattr(unit, name) for name in _PREFILLED} if unit else None
    return FoundUnit(facts, warning_for(code, actor, school_id))


def _opening(model: type[PaperMixin]) -> Any:
    def open_(body: Body, actor: Actor) -> Any:
        del body
        graduate = own_graduate(actor)
        # A province that has opened nothing has no type yet; its graduates cannot begin anything.
        kind, wording = graduate.school.province.agreement_type, versions_in_force((graduate.province_id,))
        return model.of(graduate, agreement_type=kind or THREE_PARTY, wording=wording[graduate.province_id])

    return open_


def _write(case: Any, body: Body, *, actor: Actor, whole: bool) -> None:
    """As a draft; what is handed in at once is told everything that is wrong or missing."""
    del actor
    clean, errors = read_draft(case.workflow_name, body)
    if whole:
        complete, missing = read_whole(case.workflow_name, body)
        clean, errors = {**clean, **complete}, {**missing, **errors}
    if errors:
        raise Invalid(errors)
    case.data = clean


def _why_closed(case: Any) -> Label:
    if case.workflow_name == "offline_signing" and case.number is not None:
        return _(
            "The agreement has been approved and printed, so it cannot be edited any more. Please hand in the "
            "stamped copy again; if the agreement itself is wrong, add a statement and the school will end it."
        )
    return _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result.")


OFFLINE_WRITING = Writing(
    form=WHOLE["offline_signing"], open=_opening(OfflineSigning), write=_write, closed=_why_closed
)
SUPPLEMENTARY_WRITING = Writing(
    form=WHOLE["supplementary"], open=_opening(Supplementary), write=_write, closed=_why_closed
)
