"""Archive and hukou registrations that a reader may see, those of one graduate, and which hold now (R4.8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.codes import queries as codes
from app.codes.dictionaries import Item, item_of, register_dictionary
from app.household.models import OPEN, HouseholdMixin, RecordCursor, model_of
from app.household.records import record_json
from app.household.types import KINDS, TABLES, needs_of
from app.roster.models import Graduate
from app.workflow.stages import Stage


def records_visible_to(kind: str, actor: Actor) -> Select[Any]:
    """All records of a kind (archive, hukou) in the actor's scope, ready to be filtered, ordered and paged."""
    model = model_of(kind)
    return select(model).where(in_scope(model, actor)).options(*model.eager_options())


def newest_in(model: Any, graduate_id: int, *stages: Stage) -> Any | None:
    """The graduate's newest record of the table at one of these stages."""
    query = select(model).where(model.graduate_id == graduate_id, model.stage.in_(stages))
    with session.no_autoflush:
        return session.scalar(query.order_by(model.id.desc()).limit(1))


def records_of_graduate(kind: str, actor: Actor) -> list[Any]:
    """The records of the acting graduate of one kind, newest first."""
    model = model_of(kind)
    query = records_visible_to(kind, actor).where(model.graduate_id == actor.graduate_id)
    return list(session.scalars(query.order_by(model.id.desc())).unique())


def previous_of(case: HouseholdMixin) -> Any | None:
    """The record in force that this one would replace, while it is on its way."""
    if case.stage not in OPEN:
        return None
    return newest_in(model_of(case.workflow_name), case.graduate_id, Stage.IN_FORCE)


def present_record(kind: str, case_id: int) -> dict[str, Any] | None:
    """The record to report again when its graduate is back on the roster.

    None when it was changed in the employment system meanwhile: what is held there then is the newer word.
    """
    case = session.get_one(model_of(kind), case_id)
    graduate = session.get_one(Graduate, case.graduate_id)
    place = session.get(RecordCursor, (case.school_id, case.cohort))
    if place is not None and [graduate.exam_number, kind] in place.held:
        return None
    return record_json(case)


def _types_of(kind: str, day: date) -> list[Item]:
    return [{**item_of(entry), **_told(kind, entry.code)} for entry in codes.entries(TABLES[kind], day)]


def _told(kind: str, code: str) -> dict[str, Any]:
    """`open_to` no training mode in particular is open to all."""
    needs = needs_of(kind, code)
    return {
        "required": list(needs.required),
        "optional": list(needs.optional),
        "open_to": list(needs.open_to),
        "until_settled": needs.until_settled,
    }


def _register(kind: str) -> None:
    register_dictionary(TABLES[kind], lambda day: _types_of(kind, day))


for _kind in KINDS:
    _register(_kind)
