"""Blanks that a graduate prints: 解约函 and 情况说明, filled in from an agreement of the own (R9.2)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.access.actors import GRADUATE
from app.base.clock import day_of
from app.base.errors import NotFound
from app.cases.models import CaseMixin
from app.codes import queries as codes
from app.documents.blanks import BLANKS, render_blank
from app.documents.words import TITLES
from app.roster.snapshots import facts_of
from app.signing.online.guards import SIGNINGS
from app.signing.online.snapshots import verify_address
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.workflow import engine, registry

blueprint = Blueprint("papers", __name__, url_prefix="/graduate/papers")


@blueprint.get("/<workflow>/<case_id>/<kind>.pdf")
@page_access(GRADUATE)
def blank(workflow: str, case_id: str, kind: str) -> ResponseReturnValue:
    """The blank `termination_letter` or `statement` for a signing of mine, of any kind."""
    if workflow not in SIGNINGS or kind not in BLANKS:
        raise NotFound()
    case = engine.load(registry.get(workflow), row_id(case_id), actor=current_actor())
    content = render_blank(kind, blank_facts(case))  # checked above
    name = f"{TITLES[kind]}.pdf"
    return send_file(io.BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def blank_facts(case: CaseMixin) -> Mapping[str, Any]:
    """What is known of a signing of any kind: unit, graduate, number, day of signing."""
    student = facts_of(case)
    unit = (case.snapshot or {}).get("employer") if hasattr(case, "snapshot") else None
    if unit is None:
        online = getattr(case, "employer", None)
        unit = {"name": online.name, "uscc": online.uscc} if online else case.data["employer"]
    return {
        "unit": unit.get("name"),
        "uscc": unit.get("uscc"),
        "graduate": student["name"],
        "id_type": codes.label("id_type", student["id_type"]),
        **{name: student[name] for name in ("id_number", "school", "department", "major", "student_number")},
        "number": case.number,
        "address": verify_address(case.number) if case.number else None,
        "signed_on": _signed_on(case),
    }


def _signed_on(case: CaseMixin) -> date | None:
    if case.data.get("signed_on"):
        return date.fromisoformat(case.data["signed_on"])
    signed_at = getattr(case, "signed_at", None)
    return day_of(signed_at) if signed_at else None
