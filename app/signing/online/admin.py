"""在线签约管理 for staff: the list with its filters and the review page (R8.3, R8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.cases.admin.review import ReviewView
from app.cases.admin.review_facts import contact_rows, earlier_lines
from app.cases.admin.tabs import TabbedView
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, related
from app.signing import ends
from app.signing.online import records
from app.signing.online.models import OnlineSigning
from app.signing.online.sheets import signing_columns
from app.web.sheets import Column


class OnlineSigningAdmin(TabbedView):
    """The list of what units have started, beside that of the students (签约发起方); a row opens the review page."""

    workflow = "online_signing"
    route_base = "/staff/online-signings"
    menu = Entry("online_signing", "file-pen-line", "students")
    list_title = _("Online signing management")
    menu_name = "online_signing"
    tab_label = _("Started by units")
    review_template = "signing/review.html"
    facts_template = "signing/_review_facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "initiator", "department", "level_word", "major", "id_number"),
        *("number", "unit"),
    )
    search_columns: Sequence[str] = ("state", "cohort", "graduate_name", "id_number", "number", "unit")
    search_kinds = {
        **ReviewView.search_kinds,
        "unit": (related("employer", "name", ContainsUnit), related("employer", "name", Equal)),
    }
    label_columns = {
        "state_word": _("Signing state"),
        "state": _("Signing state"),
        "initiator": _("Initiator"),
        "unit": _("Signing unit"),
    }
    computed = {
        "initiator": lambda case: gettext("Unit side"),
        "unit": records.unit_name,
    }
    order_columns: Sequence[str] = ("number",)
    closed_columns = (*ReviewView.closed_columns, "data")

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On narrow desks the tabs tell who started it, and the unit goes before a number that most do not have yet."""
        return {**super().row_extras(rows), "wide_columns": ["initiator", "number"]}

    def columns(self) -> Sequence[Column]:
        """The download has the terms, too."""
        return signing_columns()

    def uscc_of(self, case: OnlineSigning) -> str | None:
        """The inviting unit's."""
        return case.employer.uscc

    def review_context(self, case: OnlineSigning, actor: Actor) -> Mapping[str, Any]:
        """The letter, the unit, the school's contact, and what was voided or terminated before."""
        return {
            "records": records,
            "contact": contact_rows(case),
            "earlier": earlier_lines(case, actor),
            "termination": ends.panel(case, actor),
        }

    def dialog_words(self, case: OnlineSigning, event: str) -> Mapping[str, Any]:
        """What a rejection, a change and a void mean, in this workflow's words."""
        name, unit = case.graduate.name, records.employer_facts(case)["name"]
        if event == "reject":
            what = gettext(
                "The signing of %(name)s with %(unit)s fails. Both are told of the reason.", name=name, unit=unit
            )
            cannot = gettext("This cannot be taken back: the unit has to invite again.")
            return {"title": gettext("Reject the signing of %(name)s?", name=name), "what": [what], "cannot": cannot}
        if event == "edit_category":
            what = gettext(
                "The graduate is told, and the employment management system gets the new category. "
                "The agreement stays as it was signed."
            )
            title = gettext("Change the job category of %(name)s?", name=name)
            return {"title": title, "what": [what], "verb": gettext("Save the job category")}
        what = gettext(
            "The agreement %(number)s between %(name)s and %(unit)s loses its force. Both are told.",
            number=case.number,
            name=name,
            unit=unit,
        )
        return {
            "title": gettext("Void the agreement of %(name)s?", name=name),
            "what": [what],
            "cannot": gettext("A voided agreement cannot be revived."),
            "typed": (case.number or "")[-4:],
        }
