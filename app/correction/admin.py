"""生源核对 for schools: the list of corrections and the page on which each is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, SCHOOL, Actor
from app.base.dates import time_text
from app.cases.admin.review import ReviewView
from app.correction import records
from app.correction.fields import FIELDS
from app.correction.models import Correction
from app.correction.queries import progress_of
from app.fab.menu import Entry
from app.fab.search import OneOf
from app.web.current import current_actor
from app.web.filters import figure
from app.web.sheets import Column
from app.web.shell import chosen_cohort


class CorrectionAdmin(ReviewView):
    """What graduates say is wrong on the student list."""

    workflow = "correction"
    route_base = "/staff/corrections"
    menu = Entry("correction", "pencil", "students")
    list_title = _("Corrections of student data")
    facts_template = "correction/facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "field_name", "now_words", "wanted_words", "department", "since"),
    )
    search_columns: Sequence[str] = ("state", "field", "cohort", "graduate_name", "id_number")
    search_kinds = {**ReviewView.search_kinds, "field": (OneOf,)}
    search_choices = {"field": lambda: [(name, str(field.label)) for name, field in FIELDS.items()]}
    label_columns = {
        "field": _("Field"),
        "field_name": _("Field"),
        "now_words": _("On the student list"),
        "wanted_words": _("Right value"),
        "since": _("Since"),
    }
    computed = {
        "field_name": records.field_name,
        "now_words": records.now_words,
        "wanted_words": records.wanted_words,
        "since": lambda case: time_text(case.created_at),
    }

    def list_head(self) -> dict[str, Any]:
        """How many have checked at all: told to the school, whose graduates are counted in no time."""
        actor = current_actor()
        if actor.kind not in (SCHOOL, DEPARTMENT):
            return {}
        done, every = progress_of(actor, chosen_cohort())
        said = _(
            "%(done)s of %(all)s graduates of this cohort have gone through their data.",
            done=figure(done),
            all=figure(every),
        )
        return {"lead": str(said)}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, which field and what is right."""
        return {**super().row_extras(rows), "wide_columns": ["department", "since"]}

    def review_context(self, case: Correction, actor: Actor) -> Mapping[str, Any]:
        """Both values, the right one in full: it is what is decided about."""
        del actor
        return {"correction": records.correction_rows(case), "in_full": records.wanted_in_full(case)}

    def dialog_words(self, case: Correction, event: str) -> Mapping[str, Any]:
        """What each answer means."""
        name = case.graduate.name
        what = {
            "mend": _(
                "You have corrected it in the employment management system, or will. %(name)s is told so.", name=name
            ),
            "reject": _("The student list stays as it is. %(name)s is told of the reason.", name=name),
        }.get(event)
        return {"what": [what]} if what else {}

    def columns(self) -> Sequence[Column]:
        """The download has what was said."""
        return [
            *super().columns(),
            Column(_("Field"), records.field_name, 16),
            Column(_("On the student list"), records.now_words, 24),
            Column(_("Right value"), records.wanted_words, 24),
            Column(_("Note"), lambda case: case.data.get("note"), 40),
        ]
