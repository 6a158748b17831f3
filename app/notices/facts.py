"""What a notice can tell about a case: the values behind the placeholders."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.base.database import session
from app.base.dates import deadline_text, time_text
from app.base.wording import continued, joined
from app.codes import queries as codes
from app.workflow import engine, registry
from app.workflow.models import BareCaseMixin, History, OutboxMessage

# Steps whose reason is often only chosen, without words.
_ASKING = ("start",)
_VERBS = {"two_party": _("witnessing"), "three_party": _("review")}


def case_of(workflow: str, case_id: int) -> Any:
    """The case that a notice is about, with graduate and unit; None when it is gone. For the program itself."""
    model = registry.get(workflow).model
    return session.scalar(select(model).where(model.id == case_id).options(*engine.eager_options(model)))


def facts_of(case: BareCaseMixin, message: OutboxMessage) -> dict[str, str]:
    """The value of every placeholder, as texts, for the event that wrote this message."""
    step, table = _step(message), registry.get(case.workflow_name)
    position = (case.data or {}).get("position") or {}
    graduate, employer = getattr(case, "graduate", None), getattr(case, "employer", None)
    return {
        "verb": str(_VERBS.get(getattr(case, "agreement_type", ""), _VERBS["three_party"])),
        "unit": employer.name if employer else "",
        "graduate": graduate.name if graduate else "",
        "school": graduate.school.name if graduate else "",
        "department": graduate.department.name if graduate else "",
        "position": position.get("title") or "",
        "category": codes.label("job_category", _category(step) or position.get("category")),
        "changes": _changes(step),
        "number": case.number or "",
        "reason": _reason(step) or str(_("not given")),
        "valid_until": deadline_text(getattr(case, "valid_until", None)),
        "state": table.label_of(case),
        "kind": str(table.label),
        "due": deadline_text(case.due_at),
        "days": str((message.created_at - case.state_since).days),
        "date": time_text(step.at if step else message.created_at),
        **(table.facts(case) if table.facts else {}),
    }


def _step(message: OutboxMessage) -> History | None:
    """The step of the history that wrote the message: the last of that event before it."""
    query = (
        select(History)
        .where(History.workflow == message.workflow, History.case_id == message.case_id)
        .where(History.event == message.payload.get("event"), History.at <= message.created_at)
        .order_by(History.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _category(step: History | None) -> str | None:
    change = (step.detail.get("changes") or {}).get("category") if step else None
    return change[1] if change else None


_CHANGED = {
    "category": (_("job category"), "job_category"),
    "nature": (_("nature of the unit"), "employer_nature"),
    "industry": (_("industry"), "employer_industry"),
}


def _changes(step: History | None) -> str:
    """What the school changed after the approval: 职位类别 A → B；单位性质 C → D (R8.8)."""
    changes = (step.detail.get("changes") or {}) if step else {}
    return joined(
        f"{label} {codes.label(table, changes[name][0])} → {codes.label(table, changes[name][1])}"
        for name, (label, table) in _CHANGED.items()
        if changes.get(name)
    )


def _reason(step: History | None) -> str:
    """The words that were given; of an application to end an agreement the reason chosen from the list as well."""
    if step is None:
        return ""
    chosen = codes.label("rescission_reason", step.detail.get("reason_code")) if step.event in _ASKING else ""
    return continued(part for part in (chosen, _in_one_line(step.reason)) if part)


def _in_one_line(text: str | None) -> str:
    """Sentences end with a full stop of the notice's own, so that of the reason goes."""
    return " ".join((text or "").split()).rstrip("。.；;")
