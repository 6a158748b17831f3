"""Amendments that a reader may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.access.actors import Actor
from app.access.scope import in_scope
from app.amendment.models import Amendment
from app.base.database import session
from app.signing.online.models import OnlineSigning


def amendments_of(signing: OnlineSigning, actor: Actor) -> Sequence[Amendment]:
    """What was proposed to change in this agreement, the newest first."""
    query = select(Amendment).where(in_scope(Amendment, actor), Amendment.signing_id == signing.id)
    return list(session.scalars(query.options(*Amendment.eager_options()).order_by(Amendment.id.desc())))
