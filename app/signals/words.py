"""What signals and marks are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.cases.models import CaseMixin
from app.cases.words import state_word
from app.signals.models import CONFIRMED, FALSE_ALARM, PENDING, Signal
from app.signals.queries.shown import CLOSED, NEW, own_mark
from app.signals.rules import BY_NAME, HIGH, LOW, MEDIUM, SEVERITIES
from app.web.links import record_url
from app.workflow import registry

VERDICT_WORDS: Final[Mapping[str, Any]] = {
    CONFIRMED: _("Found to be true"),
    FALSE_ALARM: _("False alarm"),
    PENDING: _("To be checked"),
}
STATE_WORDS: Final[Mapping[str, Any]] = {NEW: _("Not looked into yet"), **VERDICT_WORDS, CLOSED: _("Holds no longer")}
TONES: Final = {NEW: "mine", CONFIRMED: "failed", FALSE_ALARM: "over", PENDING: "waiting", CLOSED: "over"}
NOTES: Final = {HIGH: "bad", MEDIUM: "warn", LOW: "info"}


def rule_word(signal: Signal) -> Any:
    """What the rule is called; by its name once the rule is gone."""
    return BY_NAME[signal.rule].label if signal.rule in BY_NAME else signal.rule


def explained(signal: Signal) -> Any:
    """Why it stands here, with the numbers."""
    return BY_NAME[signal.rule].explain(signal.facts) if signal.rule in BY_NAME else ""


def severity_word(signal: Signal) -> Any:
    """How much it weighs."""
    return SEVERITIES.get(signal.severity, signal.severity)


def record_told(case: CaseMixin, actor: Actor) -> dict[str, Any]:
    """What a page says of a record that a signal or a spot check names: whose and what it is, its state and address."""
    student = case.graduate
    return {
        "name": student.name,
        "place": f"{student.school.name} · {student.department.name}",
        "url": record_url(case.workflow_name, case.id, actor.kind),
        "state": state_word(case),
        "what": registry.get(case.workflow_name).label,
    }


def state_of(signal: Signal, actor: Actor) -> str:
    """Closed, what the own office has said, or new."""
    if signal.closed_at is not None:
        return CLOSED
    mark = own_mark(signal, actor)
    return mark.verdict if mark is not None else NEW
