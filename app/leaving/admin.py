"""离校确认 for staff: the list with both numbers, and the page on which the school answers what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.base.dates import time_text
from app.cases.admin.review import ReviewView
from app.fab.menu import Entry
from app.fab.search import Equal
from app.leaving import records
from app.leaving.dispatch.words import figures_text
from app.leaving.models import Leaving
from app.leaving.numbering import shown_number
from app.leaving.sheets import leaving_columns
from app.web.current import current_actor
from app.web.sheets import Column
from app.web.shell import chosen_cohort


class LeavingAdmin(ReviewView):
    """离校确认."""

    workflow = "leaving"
    route_base = "/staff/leavings"
    menu = Entry("leaving", "clipboard-check", "students")
    list_title = _("Leaving confirmation")
    facts_template = "leaving/facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "department", "level_word", "check_number", "transfer_number", "confirmed_at"),
    )
    search_columns: Sequence[str] = ("state", "cohort", "graduate_name", "id_number", "number", "transfer_number")
    search_kinds = {**ReviewView.search_kinds, "transfer_number": (Equal,)}
    label_columns = {
        **ReviewView.label_columns,
        "number": _("Check number"),
        "check_number": _("Check number"),
        "transfer_number": _("Number of the archive transfer"),
        "confirmed_at": _("Confirmed at"),
    }
    computed = {**ReviewView.computed, "check_number": lambda case: shown_number(case.number or "")}
    numeric_columns: Sequence[str] = ("check_number", "transfer_number")
    formatters_columns = dict.fromkeys(("created_at", "updated_at", "confirmed_at"), time_text)

    def list_head(self) -> dict[str, Any]:
        """How many archives are sent and received."""
        return {"lead": figures_text(current_actor(), chosen_cohort())}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, how far, and the number."""
        return {**super().row_extras(rows), "wide_columns": ["department", "level_word", "transfer_number"]}

    def review_context(self, case: Leaving, actor: Actor) -> Mapping[str, Any]:
        """What is registered, and what the graduate and the school have said."""
        del actor
        return {"numbers": records.number_rows(case), "parts": records.parts_of(case), "said": records.last_words(case)}

    def columns(self) -> Sequence[Column]:
        """For the archive office."""
        return leaving_columns()
