"""未报送成功: the page on which schools see what the employment system has refused or not yet taken."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.base.errors import Forbidden, Malformed
from app.cases.arrivals import queries
from app.cases.arrivals.api import LISTING, READERS, told
from app.ems import queue
from app.fab.menu import Entry
from app.web.current import current_actor
from app.web.links import record_url
from app.web.numbers import is_whole
from app.web.pages import page_access
from app.workflow import registry

_SIZE = 25


class ArrivalsView(BaseView):
    """Reports on graduates in scope that have not arrived, why, and what to do."""

    route_base = "/staff/arrivals"
    default_view = "open"
    open_to = READERS
    menu = Entry(queries.VIEW, "send", "students", _("Not arrived in the employment system"))

    @expose("/")
    @page_access(*READERS)
    def open(self) -> Any:
        """Those that need somebody to act first by default, found by student too."""
        actor = current_actor()
        if not actor.may("can_list", queries.VIEW):
            raise Forbidden()
        standing, text = request.args.get("standing", queue.REFUSED), request.args.get("text", "").strip()
        number = request.args.get("page", "1")
        if standing not in queue.OPEN_LABELS or not is_whole(number, most=10**6) or number == "0":
            raise Malformed(gettext("This list cannot be searched that way."))
        filters = [{"col": "standing", "opr": "eq", "value": standing}]
        filters += [{"col": "student", "opr": "ct", "value": text}] if text else []
        page = LISTING.page(
            {"filters": filters, "page": int(number) - 1, "page_size": _SIZE}, actor, *queries.not_arrived(actor)
        )
        return self.render_template(
            "arrivals/arrivals.html",
            title=gettext("Not arrived in the employment system"),
            tabs=[(name, label, url_for("ArrivalsView.open", standing=name, text=text)) for name, label in _tabs()],
            standing=standing,
            text=text,
            rows=[_row(one, actor.kind) for one in told(page.rows)],
            count=page.count,
            page=int(number),
            pages=-(-page.count // _SIZE),
            url=lambda at: url_for("ArrivalsView.open", standing=standing, text=text, page=at),
        )


def _tabs() -> list[tuple[str, Any]]:
    return list(queue.OPEN_LABELS.items())


def _row(one: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        **one,
        "what": str(registry.get(one["workflow"]).label),
        "url": record_url(one["workflow"], one["case_id"], kind),
    }
