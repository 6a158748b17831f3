"""档案寄递 for staff: the list with its filters and figures, the sheets of many, and the page of one archive."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask import get_template_attribute, redirect, send_file, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.access.actors import Actor
from app.base.dates import day_text, time_text
from app.base.errors import AppError, Forbidden, NotFound
from app.cases import asks
from app.cases.admin.review import ReviewView, sent
from app.cases.api import refuse_impossible
from app.cases.openapi import MOST_IN_BULK
from app.codes import queries as codes
from app.fab.menu import Entry
from app.fab.search import Equal, OneOf
from app.leaving.dispatch import records
from app.leaving.dispatch.api import uploaded_sheet
from app.leaving.dispatch.forms import SendForm
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import dispatches_in
from app.leaving.dispatch.search import DAYS, SILENT, SilentFor
from app.leaving.dispatch.services import record_sheet
from app.leaving.dispatch.sheets import HEADINGS, dispatch_columns, read_rows, template
from app.leaving.dispatch.ways import TABLE
from app.leaving.dispatch.words import figures_text
from app.web.current import current_actor
from app.web.pages import refusal_text
from app.web.sheets import MIMETYPE, Column
from app.web.shell import chosen_cohort


class DispatchAdmin(ReviewView):
    """档案寄递."""

    workflow = "dispatch"
    route_base = "/staff/dispatches"
    menu = Entry("dispatch", "folder", "students")
    list_title = _("Archive dispatch")
    facts_template = "dispatch/facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "number", "receiver", "way_word", "sent_on", "tracking_number"),
        *("received_on", "department"),
    )
    search_columns: Sequence[str] = (
        *("state", SILENT, "way", "cohort", "graduate_name", "id_number", "number", "tracking_number"),
    )
    search_kinds = {
        **ReviewView.search_kinds,
        SILENT: (SilentFor,),
        "way": (OneOf,),
        "number": (Equal,),
        "tracking_number": (Equal,),
    }
    search_choices = {
        SILENT: lambda: [
            (str(days), ngettext("more than %(num)d day", "more than %(num)d days", days)) for days in DAYS
        ],
        "way": lambda: codes.choices(TABLE),
    }
    label_columns = {
        **ReviewView.label_columns,
        SILENT: _("Sent without a receipt for"),
        "number": _("Number of the archive transfer"),
        "receiver": _("Receiving unit"),
        "way": _("Way of dispatch"),
        "way_word": _("Way of dispatch"),
        "sent_on": _("Sent on"),
        "tracking_number": _("Tracking number"),
        "received_on": _("Received on"),
    }
    computed = {
        **ReviewView.computed,
        "receiver": lambda case: case.data.get("receiver") or "",
        "way_word": records.way_word,
    }
    numeric_columns: Sequence[str] = ("number", "tracking_number")
    formatters_columns = {
        **dict.fromkeys(("created_at", "updated_at"), time_text),
        **dict.fromkeys(("sent_on", "received_on"), day_text),
    }

    def list_head(self) -> dict[str, Any]:
        """How many are sent and received."""
        return {"lead": figures_text(current_actor(), chosen_cohort())}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps whose it is, where it is and the number."""
        wide = ["department", "tracking_number", "received_on", "way_word"]
        return {**super().row_extras(rows), "wide_columns": wide}

    def review_context(self, case: Dispatch, actor: Actor) -> Mapping[str, Any]:
        """Where it is, where it goes, and whether the graduate has confirmed another receiver since."""
        del actor
        return {
            "way": records.way_rows(case),
            "receiver": records.receiver_rows(case),
            "elsewhere": records.goes_elsewhere(case),
        }

    def dialog_words(self, case: Dispatch, event: str) -> Mapping[str, Any]:
        """To whom it goes, and who is told."""
        name, receiver = case.graduate.name, case.data.get("receiver", "")
        what = {
            "send": _("It goes to %(receiver)s. %(name)s is told how it was sent.", receiver=receiver, name=name),
            "receive": _("%(receiver)s has it. %(name)s is told so.", receiver=receiver, name=name),
            "bounce": _("It lies at the school again and can be sent anew. %(name)s is told of the reason.", name=name),
        }.get(event)
        if event == "correct":
            kept = {name: getattr(case, name) for name in SendForm().fields}
            shown = {name: str(value or "") for name, value in kept.items()} | sent(event)
            return {"fields": asks.fields_of(SendForm, shown)}
        return {"what": [what]} if what else {}

    def columns(self) -> Sequence[Column]:
        """For the archive office."""
        return dispatch_columns()

    def list_tools(self) -> Markup:
        """The sheets, for those who record dispatches."""
        offered = [(url_for(f"{self.endpoint}.sheet", event=one), _VERBS[one]) for one in HEADINGS if self._may(one)]
        return super().list_tools() + get_template_attribute("dispatch/tools.html", "tools")(offered)

    @expose("/sheet/<string:event>")
    @has_access
    @permission_name("list")
    def sheet(self, event: str) -> Any:
        """The way of a sheet: fetched, filled in, checked, written down."""
        return self._sheet(event)

    @expose("/sheet/<string:event>/template.xlsx")
    @has_access
    @permission_name("list")
    def template(self, event: str) -> Any:
        """A row for each archive of the cohort to which this can be done."""
        self._permit(event)
        cases = dispatches_in(self.table.sources_of(event), chosen_cohort(), current_actor(), MOST_IN_BULK)
        file, name = io.BytesIO(template(event, cases)), f"{_VERBS[event]}.xlsx"
        return send_file(file, mimetype=MIMETYPE, as_attachment=True, download_name=name)

    @expose("/sheet/<string:event>", methods=["POST"])
    @has_access
    @permission_name("list")
    def record_sheet(self, event: str) -> Any:
        """Check the sheet; what would become of each archive stands on the next page, and nothing is written yet."""
        self._permit(event)
        try:
            job = record_sheet(event, read_rows(uploaded_sheet(), event), actor=current_actor(), dry_run=True)
        except (Forbidden, NotFound):
            raise
        except AppError as refused:
            return self._sheet(event, refusal_text(refused)), refused.status
        return redirect(self._job_url(job))

    def _sheet(self, event: str, error: str = "") -> str:
        self._permit(event)
        return str(
            self.render_template(
                "dispatch/sheet.html",
                title=_VERBS[event],
                event=event,
                headings=list(HEADINGS[event]),
                ways=[label for _code, label in codes.choices(TABLE)] if event == "send" else [],
                template_url=url_for(f"{self.endpoint}.template", event=event),
                action_url=url_for(f"{self.endpoint}.record_sheet", event=event),
                back_url=self.back_url(),
                error=error,
            )
        )

    def _may(self, event: str) -> bool:
        try:
            self._permit(event)
        except Forbidden:
            return False
        return True

    def _permit(self, event: str) -> None:
        if event not in HEADINGS:
            raise NotFound()
        refuse_impossible(self.table, event, current_actor())


_VERBS = {"send": _("Record dispatches by a sheet"), "receive": _("Record receipts by a sheet")}
