"""Which kept views a reader has."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.base.database import session
from app.base.errors import NotFound
from app.base.kept import Kept
from app.cases.views.models import SavedView

VIEW = "saved_views"


def place_of(actor: Actor) -> int:
    """The province, school or department that colleagues share; 0 for those of the platform."""
    places = {PROVINCE: actor.province_id, SCHOOL: actor.school_id, DEPARTMENT: actor.department_id}
    return places.get(actor.kind) or 0


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what colleagues of the same kind and place share."""
    return _visible(actor.user_id, actor.kind, place_of(actor))


def _visible(user: Any, kind: Any, place: Any) -> ColumnElement[bool]:
    theirs = and_(SavedView.shared, SavedView.kind == kind, SavedView.place_id == place)
    return or_(SavedView.user_id == user, theirs)


def views_of(listing: str, actor: Actor) -> list[SavedView]:
    """The kept views of one list, one's own first."""
    asked = {"list": listing, "user": actor.user_id, "kind": actor.kind, "place": place_of(actor)}
    return _views().rows(asked)


@cache
def _views() -> Kept:
    """Put together once: every list asks."""
    visible = _visible(bindparam("user"), bindparam("kind"), bindparam("place"))
    query = select(SavedView).where(SavedView.listing == bindparam("list"), visible)
    return Kept(query.order_by((SavedView.user_id == bindparam("user")).desc(), SavedView.name, SavedView.id))


def own_view(view_id: int, actor: Actor) -> SavedView:
    """A view that the actor has made; raises NotFound."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id, SavedView.user_id == actor.user_id))
    if found is None:
        raise NotFound()
    return found
