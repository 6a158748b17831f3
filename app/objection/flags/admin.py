"""Objections of units to marks: the list and the record, for the school that has marked and the province above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR, PROVINCE, SCHOOL
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid, texts_of
from app.cases import progress
from app.cases.admin.assignments import AssignedView
from app.cases.admin.lists import WorkflowModelView
from app.cases.words import state_word
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.objection.flags import records
from app.objection.flags.models import FlagObjection
from app.objection.flags.queries import mark_of
from app.objection.flags.sheets import objection_columns
from app.objection.flags.workflow import FLAG_OBJECTION
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.sheets import Column
from app.workflow import engine


class FlagObjectionAdmin(AssignedView, WorkflowModelView):
    """What marked units say of the marks on them."""

    workflow = "flag_objection"
    open_to = (OPERATOR, PROVINCE, SCHOOL)
    route_base = "/staff/flag-objections"
    menu = Entry("flag_objection", "shield-alert")
    list_title = _("Objections of units")
    list_columns: Sequence[str] = ("unit_name", "uscc", "marked_by", "state_word", "since")
    search_columns: Sequence[str] = ("state", "unit_name", "uscc")
    search_kinds = {
        "state": (OneOf,),
        "unit_name": (related("employer", "name", ContainsUnit), related("employer", "name", Equal)),
        "uscc": (Equal,),
    }
    search_choices = {"state": lambda: [(state.name, str(state.label)) for state in FLAG_OBJECTION.states]}
    label_columns = {
        "unit_name": _("Unit"),
        "uscc": _("Credit code"),
        "marked_by": _("Marked by"),
        **dict.fromkeys(("state", "state_word"), _("State")),
        "since": _("Since"),
    }
    computed = {
        "unit_name": lambda case: case.employer.name,
        "marked_by": lambda case: case.data["school"],
        "state_word": state_word,
        "since": lambda case: time_text(case.state_since),
    }
    order_columns: Sequence[str] = ()

    def columns(self) -> Sequence[Column]:
        """The download."""
        return objection_columns()

    def shown_columns(self) -> Sequence[str]:
        """With who of the office looks after it."""
        return self.with_reviewer(super().shown_columns())

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """The mark, what the unit says, and the answer."""
        return self._page(_case(pk), {})

    @expose("/decide/<pk>/<string:event>", methods=["POST"])
    def decide(self, pk: Any, event: str) -> Any:
        """The answer."""
        number, data = row_id(pk), {name: request.form[name] for name in ("note", "reason") if request.form.get(name)}
        seen = seen_version(request.form.get("version"))
        try:
            case = engine.fire(self.workflow, number, event, actor=current_actor(), data=data, version=seen)
        except Invalid as error:
            return self._page(_case(pk), error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=number))
        label = FLAG_OBJECTION.label_of(case, current_actor())
        flash(gettext("%(name)s: %(label)s", name=case.employer.name, label=label), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=number))

    def _page(self, case: FlagObjection, errors: Mapping[str, Any]) -> str:
        actor = current_actor()
        return self.render_template(
            "flags_answered/review.html",
            case=case,
            title=case.employer.name,
            list_title=self.list_title,
            label=FLAG_OBJECTION.label_of(case, actor),
            tone=progress.tone_for(case, actor),
            rows=records.objection_rows(case),
            gone=case.state == "open" and mark_of(case) is None,
            transitions={row.event: row for row in engine.available_transitions(case, actor)},
            timeline=progress.timeline(case, actor),
            waiting=FLAG_OBJECTION.label_of(case, actor) if case.waits_for else "",
            decide=f"{self.endpoint}.decide",
            back_url=self.back_url(),
            assign_url=self.assign_address(case),
            assigned_to=self.assigned_to(case),
            errors=texts_of(errors),
        )


def _case(pk: Any) -> FlagObjection:
    case: FlagObjection = engine.load(FLAG_OBJECTION, row_id(pk), actor=current_actor())
    return case
