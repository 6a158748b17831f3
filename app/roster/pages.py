"""显示: the place on staff's pages where masked data stand, and where they stand whole once a reason is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose

from app.access.actors import STAFF, Actor
from app.access.reveals import REASONS, may_reveal
from app.base.errors import Invalid
from app.roster.models import Graduate
from app.roster.queries import graduate_visible_to
from app.roster.records import Rows
from app.roster.services import personal
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access


def place_of(graduate: Graduate, actor: Actor) -> dict[str, Any]:
    """What `roster/_personal.html` needs: masked, with the button for who may."""
    return masked_place(personal.masked_rows(graduate), url_for("PersonalView.reveal", graduate_id=graduate.id), actor)


def masked_place(rows: Rows, url: str, actor: Actor) -> dict[str, Any]:
    """The same for whoever stands behind the rows; `url` shows them in full."""
    return {"rows": rows, "url": url, "reasons": list(REASONS.items()) if may_reveal(actor) else []}


def revealed_place(show: Callable[[Mapping[str, str]], Rows]) -> dict[str, Any]:
    """What comes into the place once the sheet was sent: the rows that `show` gives for the reason, or what is wrong."""
    sent = {name: request.form.get(name, "") for name in ("reason", "words")}
    try:
        return {"rows": show(sent), "said": REASONS.get(sent["reason"], sent["reason"])}
    except Invalid as error:
        return {"errors": error.errors, "sent": sent}


def place_page(view: BaseView, place: Mapping[str, Any], title: str) -> ResponseReturnValue:
    """The place alone; a page of its own for browsers without scripts."""
    template = "roster/_personal.html" if request.headers.get("HX-Request") else "roster/personal.html"
    return view.render_template(template, personal=place, title=title), 422 if "errors" in place else 200


class PersonalView(BaseView):
    """Where the button leads."""

    route_base = "/staff/personal"
    default_view = "reveal"

    @expose("/<graduate_id>", methods=["POST"])
    @page_access(*STAFF)
    def reveal(self, graduate_id: str) -> ResponseReturnValue:
        """The place with everything in full; a page of its own for browsers without scripts."""
        actor, number = current_actor(), row_id(graduate_id)

        def show(sent: Mapping[str, str]) -> Rows:
            shown = personal.reveal(number, sent, actor=actor)
            return [(field.label, shown[field.name]) for field in personal.MASKED]

        place = revealed_place(show)
        graduate = graduate_visible_to(actor, number)
        return place_page(self, {**place_of(graduate, actor), **place}, graduate.name)
