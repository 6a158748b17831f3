"""The only writers of kept views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import STAFF, Actor, require
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid
from app.base.forms import read
from app.cases.views.forms import ViewForm
from app.cases.views.models import SavedView
from app.cases.views.queries import VIEW, own_view, place_of
from app.workflow import registry

MOST = 50  # of one account
_LONGEST = 1000  # as the column
_ONE_PERSON = "id_number"


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
            "query": plain_query(clean["query"]),
            "shared": clean["shared"],
            "made_by": actor.name,
        }
        if len(more["query"]) > _LONGEST:
            text = _("At most %(most)s characters; this has %(has)s.", most=_LONGEST, has=len(more["query"]))
            raise Invalid({"query": [text]})
        values = {**names, **more, "kind": actor.kind, "place_id": place_of(actor)}
        statement = insert(SavedView).values(values)
        statement = statement.on_conflict_do_update(index_elements=list(names), set_=more)
        number = session.scalar(statement.returning(SavedView.id))
        return session.get_one(SavedView, number, populate_existing=True)


def plain_query(typed: str) -> str:
    """The query of an address as browsers write it, so that it can stand in one.

    A view is for many records: whom somebody has looked for by number is not kept, however the name is written.
    """
    pairs = parse_qsl(typed, errors="ignore")
    return urlencode([(name, value) for name, value in pairs if not name.endswith(_ONE_PERSON)])


def forget_view(view_id: int, *, actor: Actor) -> None:
    """Remove a view of one's own, for colleagues too. Raises NotFound, Forbidden."""
    with transaction():
        found = own_view(view_id, actor)
        require(actor, "can_delete", VIEW, kinds=STAFF)
        session.delete(found)
        session.flush()
