"""How an offline termination is told to its reader: agreement, reason, settlement. For pages; no rule is here."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.base.dates import day_text, time_text
from app.codes import queries as codes
from app.termination.offline.models import LETTER, MUTUAL, STATEMENT, UNILATERAL, OfflineTermination
from app.termination.records import allowance_words as allowance_words
from app.termination.records import reason_choices as reason_choices
from app.workflow import registry

Rows = list[tuple[str, Any]]
# Paths of the application's form, as opinions name them.
FIELDS = {
    "reason_code": _l("Reason for termination"),
    "reason": _l("Explanation of the termination"),
    LETTER: _l("Termination letter"),
    STATEMENT: _l("Statement of circumstances"),
}


def kind_label(case: OfflineTermination) -> str:
    """Which way of signing it is about: 线下签约 or 补登."""
    return str(registry.get(case.signing_workflow).label)


def agreement_rows(case: OfflineTermination, signing: Any) -> Rows:
    """The agreement that is to be terminated."""
    position = signing.data.get("position") or {}
    rows: Rows = [
        (_("Unit"), case.unit["name"]),
        (_("Credit code"), case.unit.get("uscc") or _("none")),
        (_("Kind of signing"), kind_label(case)),
        (_("Number of the agreement"), case.number),
        (_("Signed on"), day_text(signing.data["signed_on"]) if signing.data.get("signed_on") else None),
        (_("Position"), position.get("title")),
        (_("State of the signing"), registry.get(case.signing_workflow).label_of(signing)),
    ]
    return [row for row in rows if row[1]]  # a registered agreement has no number, one made here no such day


def reason_rows(case: OfflineTermination) -> Rows:
    """解约申请: who asks, why, since when."""
    return [
        (_("Asked for by"), _("Graduate: %(name)s", name=case.graduate.name)),
        (_("Reason for termination"), codes.label("rescission_reason", case.reason_code)),
        (_("Explanation of the termination"), case.reason or _("none")),
        (_("First submitted"), time_text(case.submitted_at) if case.submitted_at else _("not submitted yet")),
    ]


def settlement_rows(case: OfflineTermination) -> Rows:
    """How it was settled; empty until it is."""
    if not case.settlement:
        return []
    rows: Rows = [(_("How it was settled"), codes.label("rescission_result", case.settlement))]
    return [*rows, (_("Explanation"), case.explanation)] if case.explanation else rows


def settlement_options() -> list[tuple[str, Markup]]:
    """What the approving school can choose, with what each needs; forced terminations are another workflow's."""
    needs = {
        MUTUAL: _("The unit agrees. Needs the termination letter."),
        UNILATERAL: _("The unit gives no letter. Needs the graduate's statement and your explanation."),
    }
    text = Markup("{}<br><small>{}</small>")
    return [(code, text.format(codes.label("rescission_result", code), words)) for code, words in needs.items()]


def hints() -> dict[str, str]:
    """What each paper is and who gives it."""
    return {
        LETTER: _("The unit's consent with its seal, all pages, readable. Then both sides are released."),
        STATEMENT: _("What happened and why the unit gives no letter, signed by you. The school asks the unit itself."),
    }
