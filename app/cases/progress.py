"""How far a case is, for its reader: colour of the state, who has to act, the history as a timeline (R11.2, R7.13).

The same for every workflow: states say whom they wait for, rows say what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, SCHOOL, SYSTEM_KIND, Actor
from app.base import clock
from app.base.dates import deadline_text
from app.base.wording import explained, joined
from app.cases.models import CaseMixin
from app.cases.queries import usual_days
from app.codes import queries as codes
from app.codes import words
from app.codes.graduate_fields import field_named
from app.company_register.queries import in_words
from app.notices.explanations import channel_label
from app.notices.messages import SMS
from app.workflow import engine, history, registry
from app.workflow.models import History
from app.workflow.stages import Stage
from app.workflow.table import State
from app.workflow.waiting import Then

ROLES = {
    EMPLOYER: _l("unit"),
    GRADUATE: _l("graduate"),
    DEPARTMENT: _l("department"),
    SCHOOL: _l("school"),
    PROVINCE: _l("province"),
    OPERATOR: _l("operator"),
    SYSTEM_KIND: _l("system"),
}
SETTLEMENTS = {"mutual": _l("released by agreement of both sides"), "unilateral": _l("released by the graduate alone")}
# Event → code table of its reason_code.
REASONS = {
    "withdraw": "withdraw_reason",
    "reject": "reject_reason",
    "start": "rescission_reason",
    "submit": "rescission_reason",
}
_CODED = {"category": "job_category", "nature": "employer_nature", "industry": "employer_industry"}


def role_name(kind: str) -> str:
    """What the reader calls a kind of account."""
    return str(ROLES.get(kind, kind))


def acting_kind(case: CaseMixin) -> str | None:
    """The kind of reader who has to act next, or None when nobody has to."""
    return registry.get(case.workflow_name).state(case.state).waits_for


def tone_for(case: CaseMixin, actor: Actor) -> str:
    """The colour of a state for this reader: amber waits for me, blue for somebody else (look of the product)."""
    if case.invalid_since is not None:
        return "invalid"
    tone = registry.get(case.workflow_name).state(case.state).tone
    if tone != "waiting":
        return tone
    # A state that names nobody waits for whoever can act.
    return "mine" if acting_kind(case) in (None, actor.kind) and engine.available(case, actor) else "theirs"


def waiting_sentence(case: CaseMixin, actor: Actor) -> str:
    """Who has to act now, in a sentence; empty when nobody has to."""
    kind = acting_kind(case)
    if kind is None or case.invalid_since is not None:
        return ""
    if kind == actor.kind:
        parts = [_("It is your turn."), due_sentence(case)] if engine.available(case, actor) else []
    else:
        parts = [_waits_for(kind, case), due_sentence(case), usual_sentence(case) if actor.kind == GRADUATE else ""]
    return " ".join(part for part in parts if part)


def days_waited(case: CaseMixin) -> int:
    """Whole days since the case came to where it is."""
    return (clock.now() - case.state_since).days


_THEN = {
    Then.EXPIRE: _l("then it ends"),
    Then.ESCALATE: _l("then it goes to the school"),
    Then.TELL: "",
}


def due_sentence(case: CaseMixin) -> str:
    """Since how many days it waits, until when somebody has to act and what follows then; "" where nobody has to."""
    due = registry.get(case.workflow_name).state(case.state).due
    if due is None or case.due_at is None or case.invalid_since is not None:
        return ""
    when, days = deadline_text(case.due_at), days_waited(case)
    if case.due_at <= clock.now():
        return _("It waits for %(days)s days and was due on %(when)s.", days=days, when=when)
    then = str(_THEN[due.then])
    if then:
        return _("It waits for %(days)s days; due by %(when)s, %(then)s.", days=days, when=when, then=then)
    return _("It waits for %(days)s days; due by %(when)s.", days=days, when=when)


def usual_sentence(case: CaseMixin) -> str:
    """How long the school takes as a rule; "" where the case is not with it, or where too few cases tell."""
    if case.stage != Stage.REVIEW:
        return ""
    days = usual_days(case.graduate.school_id, registry.get(case.workflow_name))
    if days is None:
        return ""
    if days <= 1:
        return _("Here it usually takes no longer than a day.")
    return _("Here it usually takes about %(days)s days.", days=round(days))


def _waits_for(kind: str, case: CaseMixin) -> str:
    return {
        GRADUATE: lambda: (
            _("Waiting for the graduate to answer.")
            if case.stage in (Stage.OFFERED, Stage.ASKED)
            else _("Waiting for the graduate to go on.")
        ),
        EMPLOYER: lambda: _("Waiting for the unit to answer."),
        DEPARTMENT: lambda: _("Waiting for the department of %(school)s.", school=case.graduate.school.name),
        SCHOOL: lambda: _("Waiting for %(school)s.", school=case.graduate.school.name),
        PROVINCE: lambda: _("Waiting for the authority of the province."),
    }.get(kind, lambda: _("Waiting for the %(who)s.", who=role_name(kind)))()


def timeline(case: CaseMixin, actor: Actor, rows: Sequence[History] | None = None) -> list[dict[str, Any]]:
    """The history as the timeline component shows it, oldest first."""
    workflow = registry.get(case.workflow_name)
    past = history.of_case(case.workflow_name, case.id) if rows is None else rows
    shown = []
    for row in past:
        shown.append(
            {
                "label": said_of(case, row),
                "actor": row.actor,
                "role": role_name(row.role),
                "at": row.at,
                "tone": tone_of(workflow.state(row.to_state)),
                "reason": explained(_reasons(row, actor)),
                "proof": proof_words(row.proof),
            }
        )
    return shown


def said_of(case: CaseMixin, row: History) -> str:
    """What happened to the case in this step of its history, in words."""
    if row.event == history.UNDO:
        return _("Decision taken back")
    used = registry.get(row.workflow).row_of(row.event, row.from_state, row.role)
    said: Any = used.said if used is not None and used.said is not None else (used.label if used else row.event)
    return str(said(case) if callable(said) else said)


def proof_words(proof: Mapping[str, Any] | None) -> str:
    """By what somebody has shown to be the person, in a line below the step."""
    if not proof:
        return ""
    if proof["kind"] == "link":
        return _(
            "Through the link sent to %(to)s, from the address %(source)s", to=proof["sent_to"], source=proof["source"]
        )
    if proof["kind"] == SMS:
        return _("Confirmed by a code sent to %(to)s", to=proof["sent_to"])
    return _("Confirmed by a code sent by %(by)s to %(to)s", by=channel_label(proof["kind"]), to=proof["sent_to"])


def tone_of(state: State) -> str:
    """The colour of a state that a case has been in."""
    return "theirs" if state.tone == "waiting" else state.tone


def _reasons(row: History, actor: Actor) -> list[str]:
    parts, detail = [], row.detail
    code = detail.get("reason_code")
    if code:
        table = REASONS.get(row.event)
        parts.append((codes.label(table, code) if table else "") or code)
    if detail.get("settlement"):
        parts.append(str(SETTLEMENTS.get(detail["settlement"], detail["settlement"])))
    if row.reason:
        parts.append(row.reason)
    changes = dict(detail.get("changes") or {})
    student = changes.pop("student", None)
    if changes:
        parts += (registry.get(row.workflow).changes or _plain_changes)(changes)
    if student:
        parts.append(_("latest student information taken over: %(fields)s", fields=_taken_over(student)))
    if actor.is_staff and detail.get("register_state"):
        parts.append(_("company register at that time: %(state)s", state=in_words(detail["register_state"])))
    return parts


def _plain_changes(changes: Mapping[str, Any]) -> list[str]:
    lines = []
    for field, pair in changes.items():
        table = _CODED.get(field)
        old, new = ((codes.label(table, one) or one) if table else one for one in pair)
        lines.append(_("%(old)s → %(new)s", old=old or _("empty"), new=new or _("empty")))
    return lines


def _taken_over(changes: Mapping[str, Sequence[Any]]) -> str:
    lines = []
    for name, pair in changes.items():
        field = field_named(name)
        if field is not None:
            old, new = (words.in_words(field, value) or "" for value in pair)
            lines.append(f"{field.label} {old} → {new}")
    return joined(lines)
