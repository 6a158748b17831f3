"""Objections for the province, and for the school that was asked: the list and the review page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR, PROVINCE, SCHOOL, SYSTEM, Actor
from app.base.dates import time_text
from app.cases import progress
from app.cases.admin.review import ReviewView
from app.cases.pages import photos
from app.fab.menu import Entry
from app.fab.search import OneOf
from app.objection import records
from app.objection.models import Objection
from app.objection.queries import objectionable, record_of
from app.web import links
from app.web.sheets import Column
from app.workflow import registry


class ObjectionAdmin(ReviewView):
    """What graduates say is not true."""

    workflow = "objection"
    route_base = "/staff/objections"
    menu = Entry("objection", "shield-alert", "students")
    list_title = _("Objections")
    open_to = (OPERATOR, PROVINCE, SCHOOL)
    review_template = "objection/review.html"
    facts_template = "objection/facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "about_words", "school", "department", "level_word", "id_number", "since"),
    )
    search_columns: Sequence[str] = ("state", "about", "cohort", "graduate_name", "id_number", "level")
    search_kinds = {**ReviewView.search_kinds, "about": (OneOf,)}
    search_choices = {
        "about": lambda: [(one.name, str(one.label)) for one in registry.all_workflows() if objectionable(one.name)]
    }
    label_columns = {"about_words": _("Record"), "about": _("Record"), "since": _("Since")}
    computed = {"about_words": records.about_words, "since": lambda case: time_text(case.state_since)}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, what and since when."""
        return {**super().row_extras(rows), "wide_columns": ["department", "level_word", "id_number"]}

    def review_context(self, case: Objection, actor: Actor) -> Mapping[str, Any]:
        """The record with its history and what proves each step, and the papers of the explanation."""
        record = record_of(case, actor=SYSTEM)  # of whatever module: who sees the objection sees what it is about
        return {
            "objection": records.objection_rows(case),
            "record_rows": records.record_rows(record, actor),
            "record_course": progress.timeline(record, actor),
            "record_url": links.record_url(case.about, case.about_id, actor.kind),
            "kinds": self.table.files.kinds,
            "photos_url": photos.address(case),
            "shown": photos.shown(case),
        }

    def dialog_words(self, case: Objection, event: str) -> Mapping[str, Any]:
        """What asking, upholding and dismissing mean."""
        name = case.graduate.name
        what = {
            "inquire": _("From now on the school sees the objection of %(name)s and is asked to explain.", name=name),
            "explain": _("The province reads it together with the papers. Please add these first."),
            "dismiss": _("The record stays as it is. %(name)s is told of the reason.", name=name),
        }.get(event)
        return {"what": [what]} if what else {}

    def columns(self) -> Sequence[Column]:
        """The download has what was said."""
        return [
            *super().columns(),
            Column(_("Record"), records.about_words, 30),
            Column(_("What is not true"), lambda case: case.data.get("text"), 60),
        ]
