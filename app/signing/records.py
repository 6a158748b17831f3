"""How a signing is told to its reader: timeline, facts, terms. For pages of every door; no rule is here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.codes import queries as codes
from app.doors.filters import date_zh
from app.ems.queries import COMPARED
from app.register.queries import in_words
from app.schools.models import DEPARTMENT_FIRST, TWO_PARTY
from app.schools.queries import contact_for
from app.signing.models import OnlineSigning
from app.signing.workflows.online_signing import ONLINE_SIGNING
from app.workflow import engine, history
from app.workflow.models import History

Rows = list[tuple[str, Any]]


def tone_for(case: OnlineSigning, actor: Actor) -> str:
    """The colour of a state for this reader: amber waits for me, blue for somebody else (look of the product)."""
    if case.invalid_since is not None:
        return "invalid"
    tone = ONLINE_SIGNING.state(case.state).tone
    if tone != "waiting":
        return tone
    return "mine" if acting_kind(case) == actor.kind and engine.available(case, actor) else "theirs"


def acting_kind(case: OnlineSigning) -> str | None:
    """The kind of reader who has to act next, or None when nobody has to."""
    return {"invited": GRADUATE, "dept_review": DEPARTMENT, "school_review": SCHOOL}.get(case.state)


def waiting_sentence(case: OnlineSigning, actor: Actor) -> str:
    """Who has to act now, in a sentence; empty when nobody has to."""
    kind = acting_kind(case)
    if kind is None or case.invalid_since is not None:
        return ""
    if kind == actor.kind:
        return _("It is your turn.") if engine.available(case, actor) else ""
    return {
        GRADUATE: _("Waiting for the graduate to answer."),
        DEPARTMENT: _("Waiting for the department of %(school)s.", school=case.graduate.school.name),
        SCHOOL: _("Waiting for %(school)s.", school=case.graduate.school.name),
    }[kind]


def verb(case: OnlineSigning) -> str:
    """鉴证 with two parties, 审核 with three (R2.3)."""
    return _("witnessing") if case.agreement_type == TWO_PARTY else _("review")


def timeline(case: OnlineSigning, actor: Actor, rows: Sequence[History] | None = None) -> list[dict[str, Any]]:
    """The history as the timeline component shows it, oldest first (R11.2)."""
    past = history.of_case(case.workflow_name, case.id) if rows is None else rows
    return [
        {
            "label": _step(row, case),
            "actor": row.actor,
            "role": role_name(row.role),
            "at": row.at,
            "tone": _tone_of_step(row),
            "reason": _reason(row, actor),
        }
        for row in past
    ]


def role_name(kind: str) -> str:
    """What the reader calls a kind of account."""
    return {
        EMPLOYER: _("unit"),
        GRADUATE: _("graduate"),
        DEPARTMENT: _("department"),
        SCHOOL: _("school"),
        SYSTEM_KIND: _("system"),
    }.get(kind, kind)


def _step(row: History, case: OnlineSigning) -> str:
    if row.event in ("approve", "reject"):
        who = _("Department") if row.from_state == "dept_review" else _("School")
        passed = row.event == "approve"
        if case.agreement_type == TWO_PARTY:
            return _("%(who)s witnessed and passed", who=who) if passed else _("%(who)s refused to witness", who=who)
        return _("%(who)s approved", who=who) if passed else _("%(who)s rejected", who=who)
    return {
        "invite": _("Unit sent the invitation"),
        "accept": _("Graduate accepted"),
        "decline": _("Graduate declined"),
        "expire": _("Invitation expired without an answer"),
        "withdraw": _("Unit withdrew the invitation"),
        "abort": _("Graduate aborted the signing"),
        "edit_category": _("School changed the job category"),
        "terminate": _("Agreement terminated"),
        "void": _("School voided the agreement"),
    }[row.event]


def _tone_of_step(row: History) -> str:
    if row.event in ("decline", "reject", "expire"):
        return "failed"
    if row.to_state in ("withdrawn", "voided", "terminated", "aborted"):
        return "over"
    return "in_force" if row.to_state == "signed" else "theirs"


def _reason(row: History, actor: Actor) -> str:
    parts = []
    code = row.detail.get("reason_code")
    if code:
        table = "withdraw_reason" if row.event == "withdraw" else "reject_reason"
        parts.append(codes.label(table, code) or code)
    if row.reason:
        parts.append(row.reason)
    changes = row.detail.get("changes") or {}
    if changes.get("category"):
        old, new = (codes.label("job_category", code) for code in changes["category"])
        parts.append(_("%(old)s → %(new)s", old=old, new=new))
    if changes.get("student"):
        parts.append(_("latest student information taken over: %(fields)s", fields=_taken_over(changes["student"])))
    if actor.is_staff and row.detail.get("register_state"):
        parts.append(_("company register at that time: %(state)s", state=in_words(row.detail["register_state"])))
    return "：".join(parts)


def _taken_over(changes: dict[str, list[Any]]) -> str:
    lines = []
    for field, pair in changes.items():
        label, table, _refreshable = COMPARED[field]
        old, new = (codes.label(table, value) if table else value or "" for value in pair)
        lines.append(f"{label} {old} → {new}")
    return "；".join(lines)


def yuan(amount: str | None) -> str:
    """8000.00 as ¥8,000 or ¥8,000.50."""
    if not amount:
        return ""
    return f"¥{float(amount):,.2f}".removesuffix(".00")


def key_terms(data: dict[str, Any]) -> list[tuple[str, ...]]:
    """The terms that matter, as large lines: position, place, pay, probation, damages, report."""
    position = data["position"]
    months = position.get("probation_months")
    probation = ""
    if months is not None:
        probation = _("%(months)s months", months=months) if months else _("none")
    return [
        (_("Position"), position["title"], codes.label("job_category", position["category"]) or ""),
        (_("Place of work"), codes.region_label(position["region"]), position.get("address") or ""),
        (_("Monthly salary"), yuan(position["salary_month"])),
        (_("Probation"), probation or _("not agreed"), _probation_pay(position)),
        (_("Liquidated damages"), yuan(position.get("liquidated_damages")) or _("not agreed")),
        (_("Report for work by"), date_zh(position["report_by"])),
    ]


def _probation_pay(position: dict[str, Any]) -> str:
    pay = position.get("probation_salary")
    return _("%(pay)s a month during probation", pay=yuan(pay)) if pay else ""


def position_rows(data: dict[str, Any]) -> Rows:
    """All of 岗位信息."""
    position = data["position"]
    return [
        *((term[0], " · ".join(part for part in term[1:] if part)) for term in key_terms(data)),
        (_("Department of the unit"), position.get("department")),
        (_("Contact person"), position["contact"]),
        (_("Phone"), position["phone"]),
    ]


def archive_rows(data: dict[str, Any]) -> Rows:
    """档案接收."""
    archive = data["archive"]
    if not archive.get("accept"):
        return [(_("Archive"), _("The unit does not take the archive"))]
    return [
        (_("Archive"), _("The unit takes the archive")),
        (_("Receiving unit"), archive.get("receiver")),
        (_("Department of the unit"), archive.get("department")),
        (_("Address"), archive.get("address")),
        (_("Postcode"), archive.get("postcode")),
        (_("Recipient"), archive.get("contact")),
        (_("Phone"), archive.get("phone")),
    ]


def hukou_rows(data: dict[str, Any]) -> Rows:
    """户口接收."""
    hukou = data["hukou"]
    if not hukou.get("accept"):
        return [(_("Hukou"), _("The unit does not take the hukou"))]
    rows: Rows = [(_("Hukou"), _("The unit takes the hukou")), (_("Address of the hukou"), hukou.get("address"))]
    if hukou.get("optional"):
        rows.append((_("Moving in"), _("The graduate may leave the hukou where it is")))
    return rows


def employer_facts(case: OnlineSigning) -> dict[str, Any]:
    """The unit's data: as frozen once signed, else as they are now (R5.7)."""
    if case.snapshot:
        return dict(case.snapshot["employer"])
    unit = case.employer
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "uscc": unit.uscc,
        "nature": codes.label("employer_nature", unit.nature),
        "industry": codes.label("employer_industry", unit.industry),
        "address": f"{codes.region_label(unit.region)} {unit.address}".strip(),
    }


def employer_rows(case: OnlineSigning) -> Rows:
    """单位信息 as it is or will be on the agreement."""
    facts, unit = employer_facts(case), case.employer
    return [
        (_("Unit"), facts["name"]),
        (_("Short name"), facts.get("short_name")),
        (_("Credit code"), facts.get("uscc") or _("none")),
        (_("Nature of the unit"), facts["nature"]),
        (_("Industry"), facts["industry"]),
        (_("Size"), codes.label("employer_size", unit.size)),
        (_("Address"), facts["address"]),
        (_("Website"), unit.website),
    ]


def review_stages(case: OnlineSigning) -> list[str]:
    """The names of the steps of a signing, for a progress line."""
    steps = [_("Invitation"), _("Answer")]
    if case.review_mode == DEPARTMENT_FIRST:
        steps.append(_("Department"))
    return [*steps, _("School"), _("Agreement")]


def reported_rows(destination: dict[str, Any] | None) -> Rows:
    """就业管理系统已报送的就业信息 as words (R4.6)."""
    if destination is None:
        return [(_("Destination"), _("nothing reported yet"))]
    return [
        (_("Destination"), destination.get("label") or codes.label("destination", destination.get("code"))),
        (_("Unit"), destination.get("employer")),
        (_("Credit code"), destination.get("uscc")),
        (_("Nature of the unit"), codes.label("employer_nature", destination.get("nature"))),
        (_("Industry"), codes.label("employer_industry", destination.get("industry"))),
        (_("Place of the unit"), codes.region_label(destination.get("region"))),
        (_("Job category"), codes.label("job_category", destination.get("category"))),
        (_("Contact person"), destination.get("contact")),
        (_("Phone"), destination.get("phone")),
        (_("Mobile"), destination.get("mobile")),
        (_("E-mail"), destination.get("email")),
        (_("Fax"), destination.get("fax")),
        (_("Address"), destination.get("address")),
        (_("Postcode"), destination.get("postcode")),
    ]


def contact_rows(case: OnlineSigning) -> Rows:
    """学校信息 with the 协议经办人 as it stands on the agreement."""
    contact = contact_for(case.school_id, case.cohort, case.level)
    return [
        (_("Graduate's school"), case.graduate.school.name),
        (_("Agreement contact"), contact.name if contact else None),
        (_("Phone"), contact.phone if contact else None),
        (_("Address"), contact.address if contact else None),
        (_("Postcode"), contact.postcode if contact else None),
    ]
