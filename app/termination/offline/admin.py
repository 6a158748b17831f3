"""解约管理, tab 线下, for staff: the list and the review page (R8.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import STAFF, Actor
from app.base.dates import time_text
from app.cases.admin.review import ReviewView
from app.cases.admin.tabs import TabbedView
from app.cases.attachments import has
from app.codes import queries as codes
from app.fab.search import OneOf
from app.termination.offline import records as offline_records
from app.termination.offline.models import LETTER, SIGNINGS, STATEMENT, OfflineTermination
from app.termination.offline.queries import earlier_applications, signing_of
from app.termination.offline.workflow import OFFLINE_TERMINATION
from app.web import links
from app.web.sheets import Column
from app.workflow import registry


class OfflineTerminationAdmin(TabbedView):
    """Applications of graduates to be released from offline and supplementary signings."""

    workflow = "offline_termination"
    route_base = "/staff/offline-terminations"
    list_title = _("Termination management")
    open_to = STAFF
    menu_name = "termination"
    tab_label = _("Offline")
    tabs_label = _("Kind of signing")
    review_template = "termination/offline_review.html"
    facts_template = "termination/offline_facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "kind", "department", "level_word", "major", "id_number"),
        *("number", "unit_name", "reason_word", "since"),
    )
    search_columns: Sequence[str] = (
        *("state", "signing_workflow", "cohort", "graduate_name", "id_number", "number", "reason_code", "level"),
    )
    search_kinds = {
        **ReviewView.search_kinds,
        "signing_workflow": (OneOf,),
        "reason_code": (OneOf,),
    }
    search_choices = {
        "signing_workflow": lambda: [(name, str(registry.get(name).label)) for name in SIGNINGS],
        "reason_code": lambda: codes.choices("rescission_reason"),
    }
    label_columns = {
        "state_word": _("Termination state"),
        "state": _("Termination state"),
        "number": _("Number of the agreement"),
        "kind": _("Kind of signing"),
        "signing_workflow": _("Kind of signing"),
        "unit_name": _("Signing unit"),
        "reason_word": _("Reason for termination"),
        "reason_code": _("Reason for termination"),
        "since": _("Since"),
    }
    computed = {
        "kind": offline_records.kind_label,
        "unit_name": lambda case: case.unit["name"],
        "reason_word": lambda case: codes.label("rescission_reason", case.reason_code),
        "since": lambda case: time_text(case.state_since),
    }
    order_columns: Sequence[str] = ("number",)

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, what and since when."""
        return {**super().row_extras(rows), "wide_columns": ["kind", "level_word", "major", "number"]}

    def review_context(self, case: OfflineTermination, actor: Actor) -> Mapping[str, Any]:
        """Application, agreement, what this graduate asked for before, and what can be chosen."""
        return {
            "records": offline_records,
            "signing": signing_of(case, actor=actor),
            "signing_url": links.record_url(case.signing_workflow, case.signing_id, actor.kind),
            "earlier": [(one, OFFLINE_TERMINATION.label_of(one, actor)) for one in earlier_applications(case, actor)],
            "has_letter": has(case, LETTER),
            "has_statement": has(case, STATEMENT),
        }

    def opinion_fields(self, case: OfflineTermination) -> Sequence[tuple[str, Any]]:
        """The fields of the graduate's form."""
        del case
        return list(offline_records.FIELDS.items())

    def dialog_words(self, case: OfflineTermination, event: str) -> Mapping[str, Any]:
        """What a rejection means."""
        if event != "reject":
            return {}
        return {
            "title": _("Reject the termination of %(name)s?", name=case.graduate.name),
            "what": [
                _(
                    "The agreement with %(unit)s stays in force. The graduate is told of the reason.",
                    unit=case.unit["name"],
                )
            ],
            "cannot": _("This application is over then; the graduate can begin another one."),
        }

    def columns(self) -> Sequence[Column]:
        """The download has what the guide's list shows, and how it was settled."""
        return [
            *super().columns(),
            Column(_("Kind of signing"), offline_records.kind_label, 16),
            Column(_("Reason for termination"), lambda case: codes.label("rescission_reason", case.reason_code), 20),
            Column(_("Explanation of the termination"), lambda case: case.reason, 40),
            Column(_("First submitted"), lambda case: case.submitted_at, 18),
            Column(_("How it was settled"), lambda case: codes.label("rescission_result", case.settlement), 18),
            Column(_("Explanation"), lambda case: case.explanation, 40),
        ]
