"""The first log-in of a unit's user, step by step; it can be left and resumed anywhere (R5.1, R5.2, R5.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.access.actors import EMPLOYER, Actor
from app.access.models import Account
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid
from app.base.kept import by_key
from app.cases.services import is_editable
from app.codes.forms import read
from app.employers.forms import PersonForm, UnitTypedForm
from app.employers.guards import check_nature
from app.employers.models import Employer, EmployerUser
from app.employers.services import checked_code, enter_unit, unit_by_code
from app.employers.verification.effects import UNIT_FIELDS, unit_facts
from app.employers.verification.services.verifications import open_verification_of
from app.passcodes.services import use_code
from app.workflow import engine
from app.workflow.stages import Stage

STEPS = ("platform", "person", "unit", "method", "papers", "status")
_PERSON = ("sex", "department", "post", "email")


def verified_unit(actor: Actor) -> Employer | None:
    """The actor's unit if it may work on the platform (R5.6)."""
    unit: Employer | None = by_key(Employer, actor.employer_id) if actor.employer_id else None
    return unit if unit is not None and unit.verified_at is not None else None


def is_verified(actor: Actor) -> bool:
    """Whether the actor's unit may work on the platform (R5.6)."""
    return verified_unit(actor) is not None


def step_of(actor: Actor) -> str:
    """Where the actor left off."""
    person = session.get(EmployerUser, actor.user_id)
    if person is None:
        return "platform"
    if not is_complete(person):
        return "person"
    if person.employer_id is None:
        return "unit"
    case = open_verification_of(actor)
    if case is None:
        return "method"
    return "papers" if case.stage == Stage.DRAFT else "status"


def has_unit(actor: Actor) -> bool:
    """Whether the actor's unit is known, so that its name is not asked again."""
    person = session.get(EmployerUser, actor.user_id)
    return person is not None and person.employer_id is not None


def is_complete(person: EmployerUser) -> bool:
    """Whether 个人信息 has all it needs."""
    return all(getattr(person, name) for name in _PERSON) and bool(person.work_phone or person.fax)


def choose_platform(*, actor: Actor) -> EmployerUser:
    """The first step: from here on the user's details are kept. For users of units; raises Forbidden."""
    _demand_employer(actor)
    with transaction():
        person = session.get(EmployerUser, actor.user_id)
        if person is None:
            person = EmployerUser(user_id=actor.user_id, employer_id=actor.employer_id, name=actor.name[:32])
            session.add(person)
    return person


def save_person(values: Mapping[str, Any], *, actor: Actor) -> EmployerUser:
    """Keep the own details (R5.1, R1.8); a new e-mail address needs the code that was sent to it.

    For users of units, each for themselves. Raises Forbidden, Invalid, Throttled.
    """
    _demand_employer(actor)
    clean = read(PersonForm, values)
    if not (clean["work_phone"] or clean["fax"]):
        raise Invalid({"work_phone": [_("Please give a work phone or a fax number.")]})
    entered, company = clean.pop("email_code"), clean.pop("company")
    known = session.get(EmployerUser, actor.user_id)
    fresh = known is None or clean["email"] != known.email
    code = checked_code(clean["email"], entered, actor=actor) if fresh else None
    with transaction():
        person = choose_platform(actor=actor)
        if code is not None:
            use_code(code)
        for name, value in clean.items():
            setattr(person, name, value or None)
        if company and person.employer_id is None:
            person.unit = {**(person.unit or {}), "name": company}  # the next step begins with it
        session.execute(update(Account).where(Account.user_id == actor.user_id).values(name=clean["name"]))
    return person


def save_unit(values: Mapping[str, Any], *, actor: Actor) -> EmployerUser:
    """Keep 单位信息 as typed (R5.1, R5.2). A code that somebody else has registered can only be joined (R5.8).

    For users whose unit is not verified, while nothing is submitted. Raises Forbidden, Conflict, Invalid.
    """
    _demand_employer(actor)
    clean = read(UnitTypedForm, values)
    check_nature(clean)
    facts = {name: clean.get(name) or None for name in UNIT_FIELDS}
    try:
        with transaction():
            person = choose_platform(actor=actor)
            _refuse_locked(actor)
            _take_unit(person, facts, actor)
            _move_case(person, actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return person


def typed_unit(actor: Actor) -> dict[str, Any]:
    """What the form shows: what was typed last."""
    person = session.get(EmployerUser, actor.user_id)
    if person is None:
        return {}
    if person.unit:
        return dict(person.unit)
    unit = session.get(Employer, person.employer_id) if person.employer_id else None
    return unit_facts(unit) if unit and actor.employer_id == unit.id else {}


def joins(actor: Actor) -> bool:
    """Whether the unit was registered by somebody else, so that the user can only join it."""
    person = session.get(EmployerUser, actor.user_id)
    return bool(person and person.employer_id and person.employer_id != actor.employer_id)


def _demand_employer(actor: Actor) -> None:
    if actor.kind != EMPLOYER:
        raise Forbidden()


def _refuse_locked(actor: Actor) -> None:
    if is_verified(actor):
        raise Conflict(_("Your unit is verified already. There is nothing more to do."), "verified")
    case = open_verification_of(actor)
    if case is not None and not is_editable(case):
        raise Conflict(
            _("What has been submitted cannot be changed. The service line helps if something is wrong."),
            "wrong_state",
        )


def _take_unit(person: EmployerUser, facts: dict[str, Any], actor: Actor) -> None:
    known = unit_by_code(facts["uscc"])
    own = session.get(Employer, actor.employer_id) if actor.employer_id else None
    if known is not None and (own is None or known.id != own.id):
        person.employer_id, person.unit = known.id, facts
        enter_unit(actor.user_id or 0, None)
        return
    if own is None:
        own = Employer(**facts)
        session.add(own)
    for name, value in facts.items():
        setattr(own, name, value)
    own.updated_at = clock.now()
    session.flush()
    person.employer_id, person.unit = own.id, None
    enter_unit(actor.user_id or 0, own.id)


def _move_case(person: EmployerUser, actor: Actor) -> None:
    """A verification that was begun goes on for the unit as typed now."""
    case = open_verification_of(actor)
    if case is None or person.employer_id is None or case.employer_id == person.employer_id:
        return
    case.employer_id = person.employer_id
    case.method = "join" if person.unit else "materials"
    case.account, case.data = None, {"method": case.method, "account": "", "bank": "", "bank_code": ""}
    case.version += 1
