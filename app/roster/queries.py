"""Graduates that a reader may see."""

from __future__ import annotations

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.database import session
from app.errors import NotFound
from app.roster.models import Graduate


def graduate_visible_to(actor: Actor, graduate_id: int) -> Graduate:
    """One graduate of the actor's scope with school, department and claim; raises NotFound outside."""
    query = select(Graduate).where(Graduate.id == graduate_id, in_scope(Graduate, actor))
    graduate = session.scalar(query.options(*Graduate.eager_options()))
    if graduate is None:
        raise NotFound()
    return graduate
