"""Which kept views a reader has."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.base.database import session
from app.base.errors import NotFound
from app.cases.views.models import SavedView

VIEW = "saved_views"


def place_of(actor: Actor) -> int:
    """The province, school or department that colleagues share; 0 for those of the platform."""
    places = {PROVINCE: actor.province_id, SCHOOL: actor.school_id, DEPARTMENT: actor.department_id}
    return places.get(actor.kind) or 0


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what colleagues of the same kind and place share."""
    theirs = and_(SavedView.shared, SavedView.kind == actor.kind, SavedView.place_id == place_of(actor))
    return or_(SavedView.user_id == actor.user_id, theirs)


def views_of(listing: str, actor: Actor) -> list[SavedView]:
    """The kept views of one list, one's own first."""
    query = select(SavedView).where(SavedView.listing == listing, visible_to(actor))
    own = (SavedView.user_id == actor.user_id).desc()
    return list(session.scalars(query.order_by(own, SavedView.name, SavedView.id)))


def own_view(view_id: int, actor: Actor) -> SavedView:
    """A view that the actor has made; raises NotFound."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id, SavedView.user_id == actor.user_id))
    if found is None:
        raise NotFound()
    return found
