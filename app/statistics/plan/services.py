"""Who may take 就业方案 away, and the line that says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from app.access import audit
from app.access.actors import Actor, module_refusal
from app.base.errors import Forbidden, Malformed
from app.statistics.plan.queries import graduates_with_destinations
from app.statistics.plan.records import lacking, line_of

VIEW = "reports"
SUBJECT = "employment_plan"
MODULE = "employment"
FORMATS = ("xlsx", "dbf", "csv")


@dataclass
class Plan:
    """The lines of the file, and who lacks what: (id, exam number, name, headings)."""

    lines: list[dict[str, str]] = field(default_factory=list)
    missing: list[tuple[int, str, str, list[str]]] = field(default_factory=list)
    columns: Counter[str] = field(default_factory=Counter)


def refuse_plan(kind: str, *, actor: Actor) -> None:
    """Raise Forbidden where role or module do not allow it, Malformed for another kind of file."""
    if not actor.may("can_export", VIEW):
        raise Forbidden()
    if not actor.reads(MODULE):
        raise module_refusal(actor, MODULE)
    if kind not in FORMATS:
        raise Malformed(_("Downloads are made as: %(names)s.", names=", ".join(FORMATS)))


def take_plan(cohort: int, kind: str, *, actor: Actor) -> Plan:
    """All lines of the actor's graduates; taken away with a line in the trail."""
    refuse_plan(kind, actor=actor)
    audit.record(audit.EXPORT, actor=actor, subject=SUBJECT, detail={"cohort": cohort, "format": kind})
    return plan_of(cohort, actor=actor)


def plan_of(cohort: int, *, actor: Actor) -> Plan:
    """The same for who only looks at what is missing."""
    found = Plan()
    for graduate, case in graduates_with_destinations(cohort, actor=actor):
        line = line_of(graduate, case)
        found.lines.append(line)
        if titles := lacking(line, graduate):
            found.missing.append((graduate.id, graduate.exam_number, graduate.name, titles))
            found.columns.update(titles)
    return found
