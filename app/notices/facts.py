"""What a notice can tell about a case: the values behind the placeholders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, tuple_

from app.base.database import session
from app.base.dates import deadline_text, time_text
from app.base.wording import continued, joined
from app.codes import queries as codes
from app.workflow import engine, registry
from app.workflow.models import BareCaseMixin, History, OutboxMessage

# Steps whose reason is often only chosen, without words.
_ASKING = ("start",)
_VERBS = {"two_party": _("witnessing"), "three_party": _("review")}


Place = tuple[str, int]  # workflow and id of a case


def cases_of(messages: Sequence[OutboxMessage]) -> dict[Place, Any]:
    """The cases that notices are about, with graduate and unit; those that are gone are left out. For the program itself."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for message in messages:
        wanted[message.payload["workflow"]].add(message.payload["case_id"])
    found: dict[Place, Any] = {}
    for workflow, ids in wanted.items():
        model = registry.get(workflow).model
        query = select(model).where(model.id.in_(ids)).options(*engine.eager_options(model))
        found.update(((workflow, case.id), case) for case in session.scalars(query))
    return found


def steps_of(messages: Sequence[OutboxMessage]) -> dict[int, History]:
    """The step of the history that wrote each message, by its id: the last of that event before it."""
    places = {(message.workflow, message.case_id) for message in messages}
    query = select(History).where(tuple_(History.workflow, History.case_id).in_(places))
    query = query.where(History.event.in_({message.payload.get("event") for message in messages}))
    steps: defaultdict[tuple[Any, ...], list[History]] = defaultdict(list)
    for step in session.scalars(query.order_by(History.id)):
        steps[step.workflow, step.case_id, step.event].append(step)
    found = {}
    for message in messages:
        own = steps.get((message.workflow, message.case_id, message.payload.get("event")), ())
        before = [step for step in own if step.at <= message.created_at]
        if before:
            found[message.id] = before[-1]
    return found


def facts_of(case: BareCaseMixin, message: OutboxMessage, step: History | None) -> dict[str, str]:
    """The value of every placeholder, as texts, for the event (its step) that wrote this message; its own facts first."""
    table = registry.get(case.workflow_name)
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
        **message.payload.get("facts", {}),
    }


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
