"""How a signing is told to its reader: timeline, facts, terms. For pages of every door; no rule is here."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.base.dates import day_text
from app.base.official import official
from app.codes import queries as codes
from app.schools.models import TWO_PARTY
from app.signing.online.models import OnlineSigning

Rows = list[tuple[str, Any]]


def verb(case: OnlineSigning) -> str:
    """鉴证 with two parties, 审核 with three (R2.3)."""
    return _("witnessing") if case.agreement_type == TWO_PARTY else _("review")


def yuan(amount: str | None) -> str:
    """8000.00 as ¥8,000 or ¥8,000.50; what is no amount yet as it is."""
    try:
        return f"¥{float(amount):,.2f}".removesuffix(".00") if amount else ""
    except ValueError:
        return str(amount)


def key_terms(data: dict[str, Any]) -> list[tuple[str, ...]]:
    """The terms that matter, as large lines; also of a letter that is still written."""
    position = data["position"]
    months = position.get("probation_months")
    probation = ""
    if months is not None:
        probation = _("%(months)s months", months=months) if months else _("none")
    return [
        (_("Position"), position.get("title"), official(codes.label("job_category", position.get("category"))) or ""),
        (_("Place of work"), codes.region_label(position.get("region")), position.get("address") or ""),
        (_("Monthly salary"), yuan(position.get("salary_month"))),
        (_("Probation"), probation or _("not agreed"), _probation_pay(position)),
        (_("Liquidated damages"), yuan(position.get("liquidated_damages")) or _("not agreed")),
        (_("Report for work by"), day_text(position.get("report_by"))),
    ]


def _probation_pay(position: dict[str, Any]) -> str:
    pay = position.get("probation_salary")
    return _("%(pay)s a month during probation", pay=yuan(pay)) if pay else ""


def terms(data: dict[str, Any]) -> Rows:
    """All that binds both sides, for whoever is about to accept it: position, pay, damages, supplementary terms."""
    return [*position_rows(data), (_("Supplementary terms"), data.get("clauses") or _("No supplementary terms."))]


def position_rows(data: dict[str, Any]) -> Rows:
    """All of 岗位信息."""
    position = data["position"]
    return [
        *((term[0], " · ".join(part for part in term[1:] if part)) for term in key_terms(data)),
        (_("Department of the unit"), position.get("department")),
        *further_rows(position),
        (_("Contact person"), position["contact"]),
        (_("Phone"), position["phone"]),
    ]


def further_rows(position: dict[str, Any]) -> Rows:
    """What only some letters agree on, as far as this one does."""
    months = position.get("service_months")
    rows = [
        (_("Form of employment"), codes.label("employment_form", position.get("employment_form"))),
        (_("Unit where the work is done"), position.get("workplace_unit")),
        (_("Term of service"), _("%(months)s months", months=months) if months else None),
        (_("Place to report at"), position.get("report_place")),
    ]
    return [(label, value) for label, value in rows if value]


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


def unit_name(case: OnlineSigning) -> str:
    """The unit's name alone, for lists."""
    return str((case.snapshot["employer"]["name"] if case.snapshot else case.employer.name) or "")


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
