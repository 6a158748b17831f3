"""Everything that stands on an agreement, as it stood when the school approved it (R9.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.access.actors import Actor
from app.codes import queries as codes
from app.codes.fields import AGREEMENT
from app.codes.graduate_fields import fields_in
from app.codes.words import in_full
from app.employers.models import Employer
from app.notices.links import public_address
from app.roster.snapshots import facts_of
from app.schools.queries import contact_for
from app.signing.online.models import OnlineSigning
from app.workflow import history
from app.workflow.models import History


def verify_address(number: str | None) -> str:
    """Where anybody can check the agreement of this number; printed on it, so the page must stay there."""
    return public_address(f"/verify?number={number}")


def agreement_snapshot(case: OnlineSigning, *, approved_by: Actor, at: datetime) -> dict[str, Any]:
    """The frozen content of the agreement, labels resolved; called once, when the school approves."""
    confirmations = [
        confirmation(row)
        for row in history.standing(history.of_case(case.workflow_name, case.id))
        if row.event in ("invite", "accept", "approve")
    ]
    confirmations.append({"role": approved_by.kind, "name": approved_by.name, "at": at.isoformat()})
    content = {**agreement_content(case), "number": case.number, "confirmations": confirmations}
    return {**content, "verify_url": verify_address(case.number)}


def confirmation(row: History) -> dict[str, Any]:
    """A step of the history as the agreement shows it, with the code by which a graduate has shown to be the person."""
    shown = {"role": row.role, "name": row.actor, "at": row.at.isoformat()}
    proof = row.proof or {}
    return {**shown, "proof": {name: proof[name] for name in ("kind", "sent_to")}} if "sent_to" in proof else shown


def agreement_content(case: OnlineSigning) -> dict[str, Any]:
    """The agreement as it would read now, without number and confirmations: the preview's source."""
    student, data = facts_of(case), case.data
    contact = contact_for(case.school_id, case.cohort, case.level)
    return {
        "number": case.number,
        "agreement_type": case.agreement_type,
        "wording": case.wording,
        "employer": _employer(case.employer, data["position"]),
        "graduate": _graduate(student),
        "school": {
            "name": student["school"],
            "contact": contact.name if contact else "",
            "phone": contact.phone if contact else "",
            "address": contact.address if contact else "",
            "postcode": contact.postcode if contact else "",
        },
        "position": {
            **data["position"],
            "category": codes.label("job_category", data["position"]["category"]),
            "region": codes.region_label(data["position"]["region"]),
            "employment_form": codes.label("employment_form", data["position"].get("employment_form")),
        },
        "archive": data["archive"],
        "hukou": data["hukou"],
        "clauses": data["clauses"],
        "confirmations": [],
        "verify_url": None,
    }


def _employer(employer: Employer, position: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": employer.name,
        "short_name": employer.short_name,
        "uscc": employer.uscc,
        "nature": codes.label("employer_nature", employer.nature),
        "nature_code": employer.nature,
        "industry": codes.label("employer_industry", employer.industry),
        "industry_code": employer.industry,
        "address": f"{codes.region_label(employer.region)} {employer.address}".strip(),
        "region_code": employer.region,
        "contact": position["contact"],
        "phone": position["phone"],
    }


def _graduate(student: dict[str, Any]) -> dict[str, Any]:
    return {field.name: in_full(field, student[field.name]) for field in fields_in(AGREEMENT)}
