"""协议变更 for staff: the list and the review page with the terms before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.amendment import records
from app.amendment.models import Amendment
from app.base.dates import time_text
from app.cases.admin.review import ReviewView
from app.fab.menu import Entry
from app.web import links
from app.web.sheets import Column


class AmendmentAdmin(ReviewView):
    """What both sides of agreements wish to change."""

    workflow = "amendment"
    route_base = "/staff/amendments"
    menu = Entry("amendment", "file-pen-line", "students")
    list_title = _("Amendments of agreements")
    review_template = "amendment/review.html"
    facts_template = "amendment/facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "unit_name", "changed", "department", "level_word", "id_number", "since"),
    )
    search_columns: Sequence[str] = ("state", "cohort", "graduate_name", "id_number", "number", "level")
    label_columns = {"unit_name": _("Signing unit"), "changed": _("What changes"), "since": _("Since")}
    computed = {
        "unit_name": lambda case: case.employer.name,
        "changed": records.fields_words,
        "since": lambda case: time_text(case.state_since),
    }

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, what and since when."""
        return {**super().row_extras(rows), "wide_columns": ["department", "level_word", "id_number"]}

    def uscc_of(self, case: Amendment) -> str | None:
        """The unit's, for warning and company register."""
        return case.employer.uscc

    def review_context(self, case: Amendment, actor: Actor) -> Mapping[str, Any]:
        """The terms before and after, and the agreement."""
        return {
            "changes": records.change_rows(case.changes),
            "signing_url": links.record_url("online_signing", case.signing_id, actor.kind),
        }

    def dialog_words(self, case: Amendment, event: str) -> Mapping[str, Any]:
        """What a rejection means."""
        del event
        name = case.graduate.name
        return {
            "title": gettext("Reject the amendment of %(name)s?", name=name),
            "what": [gettext("The agreement stays as it is. Both sides are told of the reason.")],
            "cannot": gettext("This proposal is over then; both sides can propose again."),
        }

    def columns(self) -> Sequence[Column]:
        """The download has what was to change."""
        return [
            *super().columns(),
            Column(_("Signing unit"), lambda case: case.employer.name, 30),
            Column(_("What changes"), records.changes_words, 60),
        ]
