"""Archive and hukou registrations that a reader may see, and those of one graduate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.household.models import MODELS, OPEN
from app.workflow.stages import Stage


def records_visible_to(kind: str, actor: Actor) -> Select[Any]:
    """All records of a kind (archive, hukou) in the actor's scope, ready to be filtered, ordered and paged."""
    model = MODELS[kind]
    return select(model).where(in_scope(model, actor)).options(*model.eager_options())


def newest_in(model: Any, graduate_id: int, *stages: Stage) -> Any | None:
    """The graduate's newest record of the table at one of these stages."""
    query = select(model).where(model.graduate_id == graduate_id, model.stage.in_(stages))
    with session.no_autoflush:
        return session.scalar(query.order_by(model.id.desc()).limit(1))


def records_of_graduate(kind: str, actor: Actor) -> list[Any]:
    """The records of the acting graduate of one kind, newest first."""
    model = MODELS[kind]
    query = records_visible_to(kind, actor).where(model.graduate_id == actor.graduate_id)
    return list(session.scalars(query.order_by(model.id.desc())).unique())


def previous_of(case: Any) -> Any | None:
    """The record in force that this one would replace, while it is on its way."""
    if case.stage not in OPEN:
        return None
    return newest_in(MODELS[case.workflow_name], case.graduate_id, Stage.IN_FORCE)
