"""解约管理, tab 线上, for staff: the list and the review page, 强制解约 (R8.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, GRADUATE, STAFF, Actor
from app.base.dates import time_text
from app.cases.admin.review import ReviewView
from app.cases.admin.tabs import TabbedView
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.notices import channels
from app.notices.models import FAILED, QUEUED, SENT
from app.notices.queries import READ
from app.signing.online import records as signing_records
from app.termination.online import records as online_records
from app.termination.online.models import OnlineTermination
from app.termination.online.queries import deliveries_of
from app.web import links
from app.web.sheets import Column

STATUSES = {QUEUED: _("on its way"), SENT: _("has arrived"), READ: _("read"), FAILED: _("not delivered")}
STARTERS = {GRADUATE: _("Student"), EMPLOYER: _("Unit side")}


class OnlineTerminationAdmin(TabbedView):
    """Applications of graduates and units to end agreements signed online."""

    workflow = "online_termination"
    route_base = "/staff/online-terminations"
    menu = Entry("termination", "file-x", "students")
    list_title = _("Termination management")
    open_to = STAFF
    menu_name = "termination"
    tab_label = _("Online")
    tabs_label = _("Kind of signing")
    review_template = "termination/online_review.html"
    facts_template = "termination/online_facts.html"
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "starter", "department", "level_word", "major", "id_number"),
        *("number", "unit_name", "reason_word", "since"),
    )
    search_columns: Sequence[str] = (
        *("state", "started_by", "cohort", "graduate_name", "id_number", "number", "unit", "level"),
    )
    search_kinds = {
        **ReviewView.search_kinds,
        "started_by": (OneOf,),
        "unit": (related("employer", "name", ContainsUnit), related("employer", "name", Equal)),
    }
    search_choices = {"started_by": lambda: [(name, str(label)) for name, label in STARTERS.items()]}
    label_columns = {
        "state_word": _("Termination state"),
        "state": _("Termination state"),
        "starter": _("Asked for by"),
        "started_by": _("Asked for by"),
        "unit": _("Signing unit"),
        "unit_name": _("Signing unit"),
        "reason_word": _("Reason for termination"),
        "since": _("Since"),
    }
    computed = {
        "starter": online_records.starter_word,
        "unit_name": lambda case: online_records.unit_name(case.signing),
        "reason_word": online_records.reason_word,
        "since": lambda case: time_text(case.state_since),
    }
    order_columns: Sequence[str] = ("number",)

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """On small desks the list keeps who, what and since when."""
        return {**super().row_extras(rows), "wide_columns": ["level_word", "major", "number", "reason_word"]}

    def uscc_of(self, case: OnlineTermination) -> str | None:
        """The unit's, for warning and company register."""
        return case.employer.uscc

    def review_context(self, case: OnlineTermination, actor: Actor) -> Mapping[str, Any]:
        """Both sides' words, the agreement, and what else was asked for."""
        return {
            "records": online_records,
            "signing_records": signing_records,
            "signing_url": links.record_url("online_signing", case.signing_id, actor.kind),
            "others": online_records.others_of(case, actor),
            "delivery": deliveries_of([case])[case.id],
            "ways": {"site": gettext("On the site"), **{name: one.label for name, one in channels.declared().items()}},
            "statuses": STATUSES,
        }

    def dialog_words(self, case: OnlineTermination, event: str) -> Mapping[str, Any]:
        """What a rejection and a termination by force mean, in this workflow's words."""
        name, unit = case.graduate.name, online_records.unit_name(case.signing)
        if event == "reject":
            what = gettext(
                "The agreement of %(name)s with %(unit)s stays in force. Both are told of the reason.",
                name=name,
                unit=unit,
            )
            return {
                "title": gettext("Reject the termination of %(name)s?", name=name),
                "what": [what],
                "cannot": gettext("This application is over then; both sides can ask again."),
            }
        return {
            "title": gettext("Terminate the agreement of %(name)s by force?", name=name),
            "what": [
                gettext(
                    "Only where the unit leaves the application unanswered for long, so that the graduate cannot sign "
                    "elsewhere. Please find out how things stand and agree with the unit first, so that no dispute "
                    "arises."
                ),
                gettext(
                    "Agreement %(number)s between %(name)s and %(unit)s ends at once, without the unit's consent. Both "
                    "are told.",
                    number=case.number,
                    name=name,
                    unit=unit,
                ),
            ],
            "cannot": gettext("A termination by force cannot be undone."),
            "typed": (case.number or "")[-4:],
        }

    def columns(self) -> Sequence[Column]:
        """The download has what the guide's list shows, and the words of the application."""
        return [
            *super().columns(),
            Column(_("Asked for by"), online_records.starter_word, 10),
            Column(_("Signing unit"), lambda case: online_records.unit_name(case.signing), 30),
            Column(_("Reason for termination"), online_records.reason_word, 20),
            Column(_("Explanation of the termination"), lambda case: case.data.get("reason"), 40),
        ]
