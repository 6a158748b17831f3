"""Objections of units to marks: the list and the record, for the school that has marked and the province above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR, PROVINCE, SCHOOL
from app.base.dates import time_text
from app.cases.admin.units import UnitCaseView
from app.cases.words import state_word
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.objection.flags import records
from app.objection.flags.models import FlagObjection
from app.objection.flags.queries import mark_of
from app.objection.flags.sheets import objection_columns
from app.objection.flags.workflow import FLAG_OBJECTION
from app.web.sheets import Column


class FlagObjectionAdmin(UnitCaseView):
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
    template = "flags_answered/review.html"

    def columns(self) -> Sequence[Column]:
        """The download."""
        return objection_columns()

    def facts(self, case: FlagObjection) -> Mapping[str, Any]:
        """The mark, and what the unit says."""
        return {"rows": records.objection_rows(case), "gone": case.state == "open" and mark_of(case) is None}
