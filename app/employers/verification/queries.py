"""What operators compare a verification with: the unit as typed, others like it, what was applied for before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.base.database import session
from app.employers.models import Employer, EmployerVerification
from app.employers.verification.effects import unit_facts

_MOST_EARLIER = 10


def typed_facts(case: EmployerVerification) -> dict[str, Any]:
    """The unit as it was submitted; a draft shows it as it is typed now."""
    return dict(case.unit) or unit_facts(case.employer)


def duplicates_of(case: EmployerVerification, facts: Mapping[str, Any]) -> list[Employer]:
    """Other units of the same name, and the registered one where somebody asks to join."""
    same = or_(Employer.name == facts.get("name"), Employer.uscc == facts.get("uscc"))
    found = list(session.scalars(select(Employer).where(same).order_by(Employer.id).limit(10)))
    return [unit for unit in found if unit.id != case.employer_id or case.method == "join"]


def earlier_of(case: EmployerVerification, facts: Mapping[str, Any]) -> list[EmployerVerification]:
    """What else was applied for of this unit, of another of its name or code, or by the same person; newest first."""
    same = select(Employer.id).where(or_(Employer.name == facts.get("name"), Employer.uscc == facts.get("uscc")))
    of_unit = or_(EmployerVerification.employer_id == case.employer_id, EmployerVerification.employer_id.in_(same))
    query = (
        select(EmployerVerification)
        .where(or_(of_unit, EmployerVerification.applicant_id == case.applicant_id), EmployerVerification.id != case.id)
        .options(joinedload(EmployerVerification.employer))
    )
    return list(session.scalars(query.order_by(EmployerVerification.id.desc()).limit(_MOST_EARLIER)))
