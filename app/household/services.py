"""What can be done with archive and hukou registrations beside the events of their tables: begin one, change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actors import GRADUATE, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.household.forms import read_draft
from app.household.models import MODELS
from app.household.proposals import locked_values
from app.roster.models import Graduate
from app.workflow import engine, registry
from app.workflow.table import Context

WITH_GRADUATE = ("draft", "returned")


def create_record(kind: str, body: Mapping[str, Any], *, actor: Actor, submit: bool = True) -> Any:
    """Begin a registration of a kind (archive, hukou) for the acting graduate (R7.12).

    Without `submit` it stays a draft that is checked for kinds and codes only. While a record is in force this is a
    change: the old one stays in force until the new one is approved. Raises Forbidden, Conflict (the graduate's
    rules, `school_not_open`, `open_record`, `changes_closed`), Invalid; nothing is created then.
    """
    workflow = registry.get(kind)
    row = engine.permits_creation(workflow, actor)
    try:
        with transaction():
            case = new_case(kind, actor)
            context = Context(workflow, row, case, actor)
            engine.check_creation(context)
            _fill(case, body)
            engine.start([context])
            if submit:
                case = engine.fire(kind, case.id, "submit", actor=actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return case


def edit_record(kind: str, case_id: int, body: Mapping[str, Any], *, actor: Actor) -> Any:
    """Change a draft or a record that was sent back; for its graduate.

    Raises NotFound, Forbidden, Conflict (`wrong_state`, the graduate's rules), Invalid.
    """
    workflow = registry.get(kind)
    with transaction():
        case = engine.load(workflow, case_id, actor=actor, lock=True)
        if actor.kind != GRADUATE or not actor.may("can_create", kind):
            raise Forbidden()
        if case.state not in WITH_GRADUATE:
            raise Conflict(
                _(
                    "What has been submitted cannot be changed. Withdraw it first, or register a change once it is decided."
                ),
                "wrong_state",
            )
        for guard in workflow.common_guards:
            guard(Context(workflow, workflow.initial[0], case, actor))
        _fill(case, body)
        case.version += 1
    return case


def new_case(kind: str, actor: Actor) -> Any:
    """An empty record of the acting graduate, not yet begun; raises NotFound for who is no graduate."""
    graduate = session.get(Graduate, actor.graduate_id, options=Graduate.eager_options()) if actor.graduate_id else None
    if graduate is None:
        raise NotFound()
    return MODELS[kind](
        graduate=graduate,
        graduate_id=graduate.id,
        version=1,
        data={},
        province_id=graduate.province_id,
        school_id=graduate.school_id,
        department_id=graduate.department_id,
        level=graduate.level,
        cohort=graduate.cohort,
        invalid_since=graduate.invalid_since,
    )


def _fill(case: Any, body: Mapping[str, Any]) -> None:
    """What was typed, with what the unit's letter decides copied where nothing was typed."""
    typed = read_draft(case.workflow_name, body)
    locked = locked_values(case.workflow_name, case.graduate, typed.get("transfer_type"))
    case.data = {**locked, **typed}
    case.copied = [name for name, value in locked.items() if case.data[name] == value]
