"""The sheets of the signings: a unit's people, and the results of many invitations (R6.4)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.cases.sheets import case_columns
from app.codes import queries as codes
from app.signing.online.models import OnlineSigning
from app.web.sheets import Column, said_of


def signing_columns() -> list[Column]:
    """What every case's sheet holds, with the terms, when the graduate read them, and until when they could answer."""

    def term(name: str, label: Any, width: int = 14) -> Column:
        return Column(label, lambda case: case.data["position"].get(name), width)

    return [
        *case_columns(),
        term("title", _("Position"), 20),
        Column(_("Job category"), _category, 24),
        term("department", _("Department of the unit"), 20),
        term("salary_month", _("Monthly salary")),
        term("report_by", _("Report for work by")),
        Column(_("Valid until"), lambda case: case.data["valid_until"], 14),
        Column(_("Read at"), lambda case: case.opened_at, 18),
    ]


def _category(case: OnlineSigning) -> str | None:
    return codes.label("job_category", case.data["position"]["category"])


def result_columns() -> list[Column]:
    """Who was invited, and what became of it."""
    return [
        Column(_("Graduate"), lambda item: item.payload.get("name", ""), 16),
        Column(_("Graduate's school"), lambda item: item.payload.get("school", ""), 28),
        Column(_("Result"), said_of, 70),
    ]
