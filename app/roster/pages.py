"""显示: the place on staff's pages where masked data stand, and where they stand whole once a reason is given."""

from __future__ import annotations

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
from app.roster.services import personal
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access


def place_of(graduate: Graduate, actor: Actor) -> dict[str, Any]:
    """What `roster/_personal.html` needs: masked, with the button for who may."""
    return {
        "rows": personal.masked_rows(graduate),
        "url": url_for("PersonalView.reveal", graduate_id=graduate.id),
        "reasons": list(REASONS.items()) if may_reveal(actor) else [],
    }


class PersonalView(BaseView):
    """Where the button leads."""

    route_base = "/staff/personal"
    default_view = "reveal"

    @expose("/<graduate_id>", methods=["POST"])
    @page_access(*STAFF)
    def reveal(self, graduate_id: str) -> ResponseReturnValue:
        """The place with everything in full; a page of its own for browsers without scripts."""
        actor, number = current_actor(), row_id(graduate_id)
        sent = {name: request.form.get(name, "") for name in ("reason", "words")}
        place: dict[str, Any] = {}
        try:
            shown = personal.reveal(number, sent, actor=actor)
            place["rows"] = [(field.label, shown[field.name]) for field in personal.MASKED]
            place["said"] = REASONS.get(sent["reason"], sent["reason"])
        except Invalid as error:
            place = {"errors": error.errors, "sent": sent}
        graduate = graduate_visible_to(actor, number)
        template = "roster/_personal.html" if request.headers.get("HX-Request") else "roster/personal.html"
        page = self.render_template(template, personal={**place_of(graduate, actor), **place}, title=graduate.name)
        return page, 422 if "errors" in place else 200
