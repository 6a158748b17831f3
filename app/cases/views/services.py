"""The only writers of kept views."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import STAFF, Actor, require
from app.base.database import session, transaction
from app.base.errors import Conflict
from app.base.forms import read
from app.cases.views.forms import ViewForm
from app.cases.views.models import SavedView
from app.cases.views.queries import VIEW, own_view, place_of
from app.workflow import registry

MOST = 50  # of one account
# A view is for many records: whom somebody has looked for by number is not kept.
_ONE_PERSON = re.compile(r"(?:^|&)[^=&]*id_number=[^&]*")


def keep_view(sent: Mapping[str, Any], *, actor: Actor) -> SavedView:
    """Keep a view of a list under a name; one's own of that name is replaced.

    For staff. Raises Forbidden, NotFound (no such list), Conflict `too_many`, Invalid.
    """
    require(actor, "can_create", VIEW, kinds=STAFF)
    with transaction():
        clean = read(ViewForm, sent)
        registry.get(clean["listing"])
        names = {"user_id": actor.user_id, "listing": clean["listing"], "name": clean["name"]}
        others = select(func.count()).where(SavedView.user_id == actor.user_id, SavedView.name != clean["name"])
        if (session.scalar(others) or 0) >= MOST:
            raise Conflict(_("You keep %(most)s views already. Please remove one first.", most=MOST), "too_many")
        more = {
            "query": _ONE_PERSON.sub("", clean["query"]).lstrip("&"),
            "shared": clean["shared"],
            "made_by": actor.name,
        }
        values = {**names, **more, "kind": actor.kind, "place_id": place_of(actor)}
        statement = insert(SavedView).values(values)
        statement = statement.on_conflict_do_update(index_elements=list(names), set_=more)
        number = session.scalar(statement.returning(SavedView.id))
        return session.get_one(SavedView, number, populate_existing=True)


def forget_view(view_id: int, *, actor: Actor) -> None:
    """Remove a view of one's own, for colleagues too. Raises NotFound, Forbidden."""
    with transaction():
        found = own_view(view_id, actor)
        require(actor, "can_delete", VIEW, kinds=STAFF)
        session.delete(found)
        session.flush()
