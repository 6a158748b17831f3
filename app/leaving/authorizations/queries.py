"""The authorizations of a graduate."""

from __future__ import annotations

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.leaving.authorizations.models import Authorization


def authorizations_of(actor: Actor) -> list[Authorization]:
    """One's own, the newest first."""
    query = select(Authorization).where(in_scope(Authorization, actor), Authorization.graduate_id == actor.graduate_id)
    return list(session.scalars(query.order_by(Authorization.id.desc())))


def authorization_for(authorization_id: int, *, actor: Actor, hold: bool = False) -> Authorization:
    """One of one's own; raises NotFound."""
    query = select(Authorization).where(Authorization.id == authorization_id, in_scope(Authorization, actor))
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found
