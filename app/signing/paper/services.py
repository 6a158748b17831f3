"""What a graduate does with signings on paper beside the events of the tables: begin, edit, find the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access import throttle
from app.access.actors import GRADUATE, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound, Throttled
from app.codes.validators import is_credit_code, normalise_credit_code
from app.employers.models import Employer
from app.flags.queries import Shown, warning_for
from app.roster.models import Graduate
from app.schools.models import THREE_PARTY
from app.signing.paper.forms import read_draft, read_whole
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow import engine, registry
from app.workflow.table import Context, Workflow

EDITABLE = {"offline_signing": ("draft", "agreement_returned"), "supplementary": ("draft", "returned")}
LOOK_UPS = throttle.Limit("unit_look_up", most=60, window=10 * 60, wait=0)
_PREFILLED = ("name", "uscc", "nature", "industry", "region", "address")


def begin_offline_signing(body: Mapping[str, Any], *, actor: Actor, submit: bool = True) -> OfflineSigning:
    """Apply for an agreement that is signed on paper (W2, R7.6). For graduates.

    Without `submit` it stays a draft that is checked for kinds and codes only. Raises Forbidden, Conflict (common
    rules, training mode, `school_not_open`, `no_contact`; with `submit` also one at a time), Invalid; then nothing is
    kept.
    """
    case: OfflineSigning = _begin("offline_signing", OfflineSigning, body, actor, submit)
    return case


def begin_supplementary(body: Mapping[str, Any], *, actor: Actor, submit: bool = True) -> Supplementary:
    """Register an agreement that has been signed on paper (W3, R7.8). For graduates; raises as above."""
    case: Supplementary = _begin("supplementary", Supplementary, body, actor, submit)
    return case


def edit_application(
    workflow: str, case_id: int, body: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> Any:
    """Replace the data of a draft or of a record that was returned for edit (R7.10). For its graduate.

    Checked as a draft; what is missing is found at the next submission. Raises NotFound, Forbidden, Conflict
    (`wrong_state`, `stale`, common rules), Invalid.
    """
    table = registry.get(workflow)
    with transaction():
        case = engine.load(table, case_id, actor=actor, lock=True)
        if actor.kind != GRADUATE or not actor.may("can_create", workflow):
            raise Forbidden()
        engine.check_common(table, case, actor)
        if case.state not in EDITABLE[workflow]:
            raise _not_editable(case)
        if version is not None and version != case.version:
            raise Conflict(
                _("Somebody else has changed this record meanwhile. Please reload the page and decide again."), "stale"
            )
        clean, errors = read_draft(workflow, body)
        if errors:
            raise Invalid(errors)
        case.data = clean
        case.version += 1
    return case


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
    code = normalise_credit_code(code[:64])
    if not is_credit_code(code):
        raise Invalid({"uscc": [_("This is not a valid credit code. Please compare it with the licence.")]})
    school_id = session.scalar(select(Graduate.school_id).where(Graduate.id == actor.graduate_id))
    unit = session.scalar(select(Employer).where(Employer.uscc == code, Employer.verified_at.is_not(None)))
    facts = {name: getattr(unit, name) for name in _PREFILLED} if unit else None
    return FoundUnit(facts, warning_for(code, actor, school_id))


def _begin(workflow: str, model: Any, body: Mapping[str, Any], actor: Actor, submit: bool) -> Any:
    table = registry.get(workflow)
    row = engine.permits_creation(table, actor)
    try:
        with transaction():
            case: Any = _new_case(model, _own_row(actor))
            context = Context(table, row, case, actor)
            engine.check_creation(context)
            if submit:
                _check_submission(table, case, actor)
            case.data = _read(workflow, body, submit)
            engine.start([context])
            if submit:
                engine.fire(workflow, case.id, "submit", actor=actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return case


def _check_submission(table: Workflow, case: Any, actor: Actor) -> None:
    """The rules of the first submission come before the fields."""
    row = next(one for one in table.named("submit") if "draft" in one.sources)
    engine.check_creation(Context(table, row, case, actor))


def _read(workflow: str, body: Mapping[str, Any], submit: bool) -> dict[str, Any]:
    clean, errors = read_draft(workflow, body)
    if submit:
        whole, missing = read_whole(workflow, body)
        clean, errors = {**clean, **whole}, {**missing, **errors}
    if errors:
        raise Invalid(errors)
    return clean


def _own_row(actor: Actor) -> Graduate:
    """The acting roster row, held so that a removal at the same moment finds the new case."""
    query = select(Graduate).where(Graduate.id == actor.graduate_id).options(*Graduate.eager_options())
    query = query.with_for_update(read=True, of=Graduate).execution_options(populate_existing=True)
    graduate = session.scalar(query)
    if graduate is None:
        raise NotFound()
    return graduate


def _new_case(model: Any, graduate: Graduate) -> Any:
    return model(
        graduate=graduate,
        version=1,
        state="draft",
        data={},
        province_id=graduate.province_id,
        school_id=graduate.school_id,
        department_id=graduate.department_id,
        level=graduate.level,
        cohort=graduate.cohort,
        graduate_id=graduate.id,
        invalid_since=graduate.invalid_since,
        # A province that has opened nothing has no type yet; its graduates cannot begin anything.
        agreement_type=graduate.school.province.agreement_type or THREE_PARTY,
    )


def _not_editable(case: Any) -> Conflict:
    if case.workflow_name == "offline_signing" and case.number is not None:
        return Conflict(
            _(
                "The agreement has been approved and printed, so it cannot be edited any more. Please hand in the "
                "stamped copy again; if the agreement itself is wrong, add a statement and the school will end it."
            ),
            "wrong_state",
        )
    return Conflict(
        _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."), "wrong_state"
    )
