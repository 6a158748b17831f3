"""What staff have decided about records, as conditions and expressions beside the rows of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, func, select

from app.access.actors import STAFF
from app.workflow.history import UNDO
from app.workflow.models import History


def last_verdict(model: Any) -> Any:
    """Who of the staff did something to a record last, when and why, as the text of one JSON object; NULL where nobody
    did, or where it was taken back.
    """
    told = func.jsonb_build_object(
        *("actor", History.actor, "account", User.username, "at", History.at, "reason", History.reason)
    )
    return (
        select(case((History.event != UNDO, cast(told, Text))))
        .join(User, User.id == History.actor_id, isouter=True)
        .where(_steps_of(model), History.role.in_(STAFF))
        .order_by(History.id.desc())
        .limit(1)
        .correlate(model)
        .scalar_subquery()
    )


def was_returned(
    model: Any, states: Sequence[str], since: datetime | None, until: datetime | None
) -> ColumnElement[bool]:
    """Whether a record was returned from one moment until before another, however it went on."""
    span = [History.at >= since] if since else []
    span += [History.at < until] if until else []
    steps = and_(_steps_of(model), History.to_state.in_(states), *span)
    return exists(select(History.id).where(steps).correlate(model))


def _steps_of(model: Any) -> ColumnElement[bool]:
    return and_(History.workflow == model.workflow_name, History.case_id == model.id)
