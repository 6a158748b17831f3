"""The operators' desk of the yearly renewals: list and review page, what stands beside what was changed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR, Actor
from app.base.dates import day_text, deadline_text
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.base.values.credit_codes import is_credit_code
from app.cases import progress
from app.cases.admin.assignments import AssignedView
from app.cases.admin.lists import WorkflowModelView
from app.cases.attachments import files_of
from app.cases.words import state_word
from app.documents.services import attachment_for, read_file
from app.employers.renewal import queries
from app.employers.renewal.attachments import KINDS
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.records import changes_in_words
from app.employers.renewal.sheets import renewal_columns
from app.employers.renewal.workflow import UNIT_RENEWAL
from app.employers.units.records import unit_rows
from app.employers.verification.effects import unit_facts
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.sheets import Column
from app.web.shell import contribute
from app.workflow import engine


def _changed(case: UnitRenewal) -> str:
    changes = case.data.get("changes")
    if changes is None:
        return ""
    return gettext("%(count)s changes", count=len(changes)) if changes else gettext("Nothing has changed")


class UnitRenewalAdmin(AssignedView, WorkflowModelView):
    """Renewals that wait for an operator, and those that units still owe."""

    workflow = "unit_renewal"
    open_to = (OPERATOR,)
    route_base = "/staff/unit-renewals"
    menu = Entry("unit_renewal", "rotate-cw", "units")
    list_title = _("Yearly renewal of units")
    list_columns: Sequence[str] = ("unit_name", "uscc", "changed", "state_word", "until", "since")
    search_columns: Sequence[str] = ("state", "unit_name")
    search_kinds = {
        "state": (OneOf,),
        "unit_name": (related("employer", "name", ContainsUnit), related("employer", "name", Equal)),
    }
    search_choices = {"state": lambda: [(state.name, str(state.label)) for state in UNIT_RENEWAL.states]}
    label_columns = {
        "unit_name": _("Unit"),
        "uscc": _("Credit code"),
        "changed": _("What has changed"),
        **dict.fromkeys(("state", "state_word"), _("State")),
        "until": _("Verified until"),
        "since": _("Since"),
    }
    computed = {
        "unit_name": lambda case: case.employer.name,
        "uscc": lambda case: case.employer.uscc or "",
        "changed": _changed,
        "state_word": state_word,
        "until": lambda case: deadline_text(case.employer.verified_until),
        "since": lambda case: day_text(case.state_since),
    }
    order_columns: Sequence[str] = ()

    def columns(self) -> Sequence[Column]:
        """The download."""
        return renewal_columns()

    def shown_columns(self) -> Sequence[str]:
        """With who of the operators looks after it."""
        return self.with_reviewer(super().shown_columns())

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """What stands, what was changed, and the verdict."""
        return self._page(_case(pk), {})

    @expose("/paper/<pk>")
    @has_access
    @permission_name("show")
    def paper(self, pk: Any) -> Any:
        """One uploaded picture."""
        found = attachment_for(row_id(pk), actor=current_actor())
        if found.workflow != UNIT_RENEWAL.name:
            raise NotFound()
        return send_file(io.BytesIO(read_file(found)), mimetype=found.mime, download_name=found.name)

    @expose("/decide/<pk>/<string:event>", methods=["POST"])
    def decide(self, pk: Any, event: str) -> Any:
        """The verdict."""
        number, data = row_id(pk), {name: request.form[name] for name in ("note", "reason") if request.form.get(name)}
        seen = seen_version(request.form.get("version"))
        try:
            case = engine.fire(self.workflow, number, event, actor=current_actor(), data=data, version=seen)
        except Invalid as error:
            return self._page(_case(pk), error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=number))
        label = UNIT_RENEWAL.label_of(case, current_actor())
        flash(gettext("%(name)s: %(label)s", name=case.employer.name, label=label), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=number))

    def _page(self, case: UnitRenewal, errors: Mapping[str, Any]) -> str:
        actor, unit, labels = current_actor(), case.employer, {kind.name: str(kind.label) for kind in KINDS}
        changes = case.data.get("changes")
        return self.render_template(
            "employers/renewal_review.html",
            case=case,
            unit=unit,
            title=unit.name,
            list_title=self.list_title,
            label=UNIT_RENEWAL.label_of(case, actor),
            tone=progress.tone_for(case, actor),
            rows=unit_rows(unit_facts(unit)),
            said=changes is not None,
            changes=changes_in_words(changes or {}),
            papers=[(labels[file.kind], file) for file in files_of(case)],
            uscc=unit.uscc if is_credit_code(unit.uscc or "") else None,
            unit_name=unit.name,
            transitions={row.event: row for row in engine.available_transitions(case, actor)},
            timeline=progress.timeline(case, actor),
            waiting=UNIT_RENEWAL.label_of(case, actor) if case.waits_for else "",
            decide=f"{self.endpoint}.decide",
            paper=f"{self.endpoint}.paper",
            back_url=self.back_url(),
            assign_url=self.assign_address(case),
            assigned_to=self.assigned_to(case),
            errors=texts_of(errors),
        )


def _case(pk: Any) -> UnitRenewal:
    case: UnitRenewal = engine.load(UNIT_RENEWAL, row_id(pk), actor=current_actor())
    return case


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """How many wait, beside the entry in the operators' menu."""
    return {"badges": {UNIT_RENEWAL.name: queries.waiting_count()}} if actor.kind == OPERATOR else {}
