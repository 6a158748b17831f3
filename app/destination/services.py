"""What can be done with destinations beside the events of the table: begin one, and edit it before it is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import GRADUATE, Actor, module_refusal
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden
from app.destination.forms import named_type, read_record
from app.destination.guards import refuse_other_types
from app.destination.models import Destination
from app.destination.workflow import DESTINATION
from app.roster.models import Graduate
from app.workflow import engine
from app.workflow.table import Context

EDITABLE = ("draft", "returned")


def register_destination(body: Mapping[str, Any], *, submit: bool = True, actor: Actor) -> Destination:
    """Begin the registration of the graduate's destination, and hand it in unless `submit` is False (R7.9).

    `body` is {"type": code, "data": {field: value}}. A draft is checked for kinds and codes only. Called by
    graduates. Raises Forbidden (role), Conflict (roster, season, school's switch, training mode, another claim),
    Invalid (fields and missing proofs); nothing is kept then. The same proofs as in the dictionary are asked for, so
    that a type with proofs is first kept as a draft, gets its files, and is submitted then.
    """
    row = engine.permits_creation(DESTINATION, actor)
    with transaction():
        case = _new_case(_own_graduate(actor))
        context = Context(DESTINATION, row, case, actor)
        engine.check_creation(context)
        _fill_in(case, body)
        engine.start([context])
        if submit:
            case = engine.fire("destination", case.id, "submit", actor=actor)
    return case


def edit_destination(case_id: int, body: Mapping[str, Any], *, actor: Actor) -> Destination:
    """Change a draft or a returned registration; the opinions of the last return stay until it is submitted (R7.10).

    `body` as in register_destination(). For its graduate. Raises NotFound, Forbidden, Conflict (`wrong_state` and the
    rules of the roster), Invalid.
    """
    with transaction():
        case: Destination = engine.load(DESTINATION, case_id, actor=actor, lock=True)
        refuse_edit(case, actor)
        _fill_in(case, body)
        case.version += 1
        case.updated_at = clock.now()
    return case


def refuse_edit(case: Destination, actor: Actor) -> None:
    """Only its graduate changes a registration, and only what is not being reviewed. Raises Forbidden, Conflict."""
    if actor.kind != GRADUATE or not actor.may("can_create", DESTINATION.name):
        raise Forbidden() if actor.writes(DESTINATION.module) else module_refusal(actor, DESTINATION.module)
    engine.check_common(DESTINATION, case, actor)
    if case.state not in EDITABLE:
        raise Conflict(
            _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."),
            "wrong_state",
        )


def _own_graduate(actor: Actor) -> Graduate:
    query = select(Graduate).where(Graduate.id == actor.graduate_id).options(*Graduate.eager_options())
    graduate = session.scalar(query.execution_options(populate_existing=True))
    if graduate is None:
        raise Conflict(_("You are on no roster. Please ask your school's employment office."), "not_on_roster")
    return graduate


def _new_case(graduate: Graduate) -> Destination:
    return Destination(
        graduate=graduate,
        graduate_id=graduate.id,
        version=1,
        type="",
        data={"type": "", "data": {}},
        province_id=graduate.province_id,
        school_id=graduate.school_id,
        department_id=graduate.department_id,
        level=graduate.level,
        cohort=graduate.cohort,
        invalid_since=graduate.invalid_since,
    )


def _fill_in(case: Destination, body: Mapping[str, Any]) -> None:
    kind = named_type(body)
    refuse_other_types(case.graduate, kind)
    sent = body.get("data")
    record = read_record(kind, {} if sent is None else sent, complete=False)
    case.type, case.data = kind.code, {"type": kind.code, "data": record}
