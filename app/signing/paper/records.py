"""How an application for a signing on paper is told: unit, position, terms; a draft may lack anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.base.dates import day_text
from app.codes import queries as codes
from app.signing.online import records
from app.signing.paper.models import PaperMixin


def said_rows(case: PaperMixin) -> list[tuple[str, Any]]:
    """All that an application says, as who hands it in binds themselves to it."""
    signed = [(_("Signed on"), day_text(case.data["signed_on"]))] if case.data.get("signed_on") else []
    return [
        *unit_rows(case.data),
        *signed,
        *position_rows(case.data),
        *term_rows(case.data),
        (_("Supplementary terms"), case.data.get("clauses") or _("No supplementary terms.")),
    ]


def unit_rows(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """单位信息 as typed."""
    unit = data.get("employer") or {}
    place = f"{codes.region_label(unit.get('region'))} {unit.get('address') or ''}".strip()
    return [
        (_("Unit"), unit.get("name")),
        (_("Credit code"), unit.get("uscc") or (_("none") if unit.get("name") else None)),
        (_("Nature of the unit"), codes.label("employer_nature", unit.get("nature"))),
        (_("Industry"), codes.label("employer_industry", unit.get("industry"))),
        (_("Address of the unit"), place),
        (_("Contact person of the unit"), unit.get("contact")),
        (_("Phone of the unit"), unit.get("phone")),
    ]


def position_rows(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """岗位 as typed; a draft may lack anything."""
    position = data.get("position") or {}
    months = position.get("probation_months")
    rows: list[tuple[str, Any]] = [
        (_("Position"), position.get("title")),
        (_("Job category"), codes.label("job_category", position.get("category"))),
        (_("Department of the unit"), position.get("department")),
        (_("Place of work"), f"{codes.region_label(position.get('region'))} {position.get('address') or ''}".strip()),
        (_("Monthly salary"), records.yuan(position.get("salary_month"))),
        (_("Probation"), _("%(months)s months", months=months) if months else _("not agreed")),
        (_("Salary during probation"), records.yuan(position.get("probation_salary"))),
        (_("Report for work by"), day_text(position.get("report_by"))),
        (_("Liquidated damages"), records.yuan(position.get("liquidated_damages")) or _("not agreed")),
        *records.further_rows(position),
        (_("Contact person"), position.get("contact")),
        (_("Phone"), position.get("phone")),
    ]
    return rows


def term_rows(data: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    """Archive and hukou as typed."""
    whole = {"archive": data.get("archive") or {}, "hukou": data.get("hukou") or {}}
    return [*records.archive_rows(whole), *records.hukou_rows(whole)]
