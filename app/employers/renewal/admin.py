"""The operators' desk of the yearly renewals: list and review page, what stands beside what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR
from app.base.dates import day_text, deadline_text
from app.base.values.credit_codes import is_credit_code
from app.cases.admin.units import WithPapers, badge_of
from app.cases.attachments import files_of
from app.cases.words import state_word
from app.employers.renewal.attachments import KINDS
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.records import changes_in_words
from app.employers.renewal.sheets import renewal_columns
from app.employers.renewal.workflow import UNIT_RENEWAL
from app.employers.units.records import unit_rows
from app.employers.verification.effects import unit_facts
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf, related
from app.web.sheets import Column
from app.web.shell import contribute


def _changed(case: UnitRenewal) -> str:
    changes = case.data.get("changes")
    if changes is None:
        return ""
    return gettext("%(count)s changes", count=len(changes)) if changes else gettext("Nothing has changed")


class UnitRenewalAdmin(WithPapers):
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
    template = "employers/renewal_review.html"

    def columns(self) -> Sequence[Column]:
        """The download."""
        return renewal_columns()

    def facts(self, case: UnitRenewal) -> Mapping[str, Any]:
        """What stands, and what was changed."""
        unit, labels, changes = case.employer, {kind.name: str(kind.label) for kind in KINDS}, case.data.get("changes")
        return {
            "unit": unit,
            "unit_name": unit.name,
            "uscc": unit.uscc if is_credit_code(unit.uscc or "") else None,
            "rows": unit_rows(unit_facts(unit)),
            "said": changes is not None,
            "changes": changes_in_words(changes or {}),
            "papers": [(labels[file.kind], file) for file in files_of(case)],
            "paper": f"{self.endpoint}.paper",
        }


contribute(badge_of(UNIT_RENEWAL))
