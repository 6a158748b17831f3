"""The only writers of authorizations to check: the graduate gives and revokes them, each check is noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import GRADUATE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict
from app.codes.forms import read
from app.leaving.authorizations.forms import AuthorizationForm
from app.leaving.authorizations.models import Authorization, AuthorizationUse
from app.leaving.authorizations.queries import authorization_for
from app.leaving.models import Leaving
from app.leaving.numbering import check_number
from app.workflow.stages import Stage

AUTHORIZATIONS = "authorizations"  # under which roles are given these calls


def authorize(body: Mapping[str, Any], *, actor: Actor) -> Authorization:
    """Let somebody check chosen parts of what the acting graduate has confirmed.

    Raises Forbidden, Conflict `not_confirmed`, Invalid.
    """
    require(actor, "can_create", AUTHORIZATIONS, kinds=(GRADUATE,))
    with transaction():
        query = select(Leaving).where(Leaving.graduate_id == actor.graduate_id).with_for_update(read=True)
        case = session.scalar(query.execution_options(populate_existing=True))
        if case is None or case.stage != Stage.IN_FORCE or case.invalid_since is not None:
            raise Conflict(
                _("Please confirm first what is registered; then you can let others check it."), "not_confirmed"
            )
        typed = read(AuthorizationForm, body)
        found = Authorization(
            number=check_number(),
            leaving_id=case.id,
            graduate_id=case.graduate_id,
            recipient=typed["to"],
            fields=typed["fields_"],
            until=typed["until"],
            uses=[],
        )
        session.add(found)
        session.flush()
    return found


def revoke(authorization_id: int, *, actor: Actor) -> Authorization:
    """End an authorization at once; one that is revoked stays as it is. Raises NotFound, Forbidden."""
    with transaction():
        found = authorization_for(authorization_id, actor=actor, hold=True)
        require(actor, "can_delete", AUTHORIZATIONS, kinds=(GRADUATE,))
        found.revoked_at = found.revoked_at or clock.now()
    return found


def note_use(authorization: Authorization, source: str | None) -> None:
    """Keep that its parts were shown to somebody, for the graduate to see."""
    with transaction():
        session.add(AuthorizationUse(authorization_id=authorization.id, source=source))
