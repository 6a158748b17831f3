"""抽查 on the screens of schools, provinces and operators: draws, and what was found at each record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.base import clock
from app.base.dates import day_text, time_text
from app.base.errors import Invalid, texts_of
from app.base.spelling import half_width
from app.base.values import Unreadable, days
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.signals.queries.shown import MODULE, cases_at
from app.signals.sampling import services
from app.signals.sampling.models import DIFFERENT, SAME, SpotCheck
from app.signals.sampling.services import READERS, VIEW
from app.signals.words import record_told
from app.web.current import current_actor
from app.web.numbers import is_whole, row_id

RESULT_WORDS = {SAME: _("Agrees"), DIFFERENT: _("Does not agree")}


class SpotCheckView(ScopedModelView):
    """The draws of the reader's office and of those below it."""

    datamodel = ScopedInterface(SpotCheck)
    route_base = "/staff/spot-checks"
    menu = Entry(VIEW, "clipboard-check", "students")
    class_permission_name = VIEW
    base_permissions = ["can_list", "can_show", "can_draw", "can_check"]
    permission_labels = {"can_draw": _("draw records"), "can_check": _("keep results")}
    open_to = READERS
    module = MODULE
    list_title = _("Spot checks")
    search_columns = ["made_at"]
    computed = {
        "period": lambda row: f"{day_text(row.since)} – {day_text(row.until)}",
        "drawn": lambda row: len(row.records),
        "done": lambda row: sum(one.result is not None for one in row.records),
        "differ": lambda row: sum(one.result == DIFFERENT for one in row.records),
    }
    formatters_columns = {"made_at": time_text}
    list_columns = ["made_at", "period", "of", "drawn", "done", "differ", "made_by"]
    order_columns = ["id", "made_at"]
    label_columns = {
        "made_at": _("Drawn at"),
        "period": _("In force since"),
        "of": _("Drawn from"),
        "drawn": _("Drawn"),
        "done": _("Checked"),
        "differ": _("Do not agree"),
        "made_by": _("Drawn by"),
    }

    def list_head(self) -> dict[str, Any]:
        """The draws, with the way to a new one."""
        link = Markup('<a class="button button--primary" href="{}">{}</a>')
        lead = gettext("Approved records drawn by lot, to be compared with the originals. What is found is kept here.")
        tools = link.format(url_for(f"{self.endpoint}.draw"), gettext("Draw records")) if self._may("can_draw") else ""
        return {"lead": lead, "head_tools": tools}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """The row opens the draw."""
        return {
            "row_urls": {row.id: url_for(f"{self.endpoint}.show", pk=row.id) for row in rows},
            "row_tools": {row.id: "" for row in rows},
            "wide_columns": ["of", "made_by"],
            "empty_title": gettext("Nothing has been drawn yet"),
            "empty_text": gettext("Draw some approved records and compare them with the originals."),
        }

    @expose("/draw", methods=["GET", "POST"])
    @has_access
    @permission_name("draw")
    def draw(self) -> Any:
        """How many, of which days."""
        today = clock.today()
        if request.method == "GET":
            month = {"count": "20", "since": (today - timedelta(days=30)).isoformat(), "until": today.isoformat()}
            return self._draw_page(month, {})
        sent = request.form.to_dict()
        try:
            count = half_width(sent.get("count", "")).strip()
            number = int(count) if is_whole(count) else 0
            check = services.draw(number, _day(sent, "since"), _day(sent, "until"), actor=current_actor())
        except Invalid as error:
            return self._draw_page(sent, error.errors), 422
        flash(gettext("%(count)s records have been drawn.", count=len(check.records)), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=check.id))

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """One draw with its records."""
        return self._page(services.check_for(row_id(pk), current_actor()), 0, {})

    @expose("/check/<pk>/<int:position>", methods=["POST"])
    @has_access
    @permission_name("check")
    def check(self, pk: Any, position: int) -> Any:
        """Keep what was found at one record."""
        result, note = request.form.get("result", ""), request.form.get("note", "")
        try:
            services.keep_result(row_id(pk), position, result, note, actor=current_actor())
        except Invalid as error:
            return self._page(services.check_for(row_id(pk), current_actor()), position, error.errors), 422
        flash(gettext("Kept. No record has changed by it, and nobody has been told."), "success")
        return redirect(f"{url_for(f'{self.endpoint}.show', pk=pk)}#record-{position}")

    def _may(self, permission: str) -> bool:
        actor = current_actor()
        return actor.writes(MODULE) and actor.may(permission, VIEW)

    def _draw_page(self, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        return self.render_template(
            "sampling/draw.html",
            title=gettext("Draw records"),
            values=values,
            errors=texts_of(errors),
            most=services.MOST,
            back=f"{self.endpoint}.list",
        )

    def _page(self, check: SpotCheck, refused: int, errors: Mapping[str, Any]) -> str:
        actor = current_actor()
        cases = cases_at([(one.workflow, one.case_id) for one in check.records], actor)
        told = {place: record_told(case, actor) for place, case in cases.items()}
        return self.render_template(
            "sampling/show.html",
            title=gettext("Spot check of %(day)s", day=time_text(check.made_at)),
            check=check,
            rows=[(one, told.get((one.workflow, one.case_id))) for one in check.records],
            words=RESULT_WORDS,
            refused=refused,
            errors=texts_of(errors),
            may_check=self._may("can_check"),
            back=f"{self.endpoint}.list",
            check_url=lambda position: url_for(f"{self.endpoint}.check", pk=check.id, position=position),
        )


def _day(sent: Mapping[str, Any], name: str) -> date:
    try:
        return days.read(sent.get(name, ""))
    except Unreadable as refused:
        raise Invalid({name: [refused.reason]}) from None
