"""What generated signings keep of graduate, unit and agreement: the same keys as the real ones (a test compares)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.codes.fields import AGREEMENT, CASE
from app.codes.graduate_fields import fields_in
from app.codes.words import plain
from app.documents.texts.words import NEWEST
from trial.demo.generator.people import Person
from trial.demo.generator.plan import Labels, UnitPlan

if TYPE_CHECKING:
    from trial.demo.generator.signings import Event

_CONFIRMING = ("invite", "accept", "approve")


def facts_of(person: Person) -> dict[str, Any]:
    """The student's data at acceptance, as app.roster.snapshots.student_facts() would keep them."""
    kept = {field.name: plain(person.values[field.name]) for field in fields_in(CASE)}
    return {**kept, "school_code": person.school.code}


def agreement_of(
    person: Person,
    unit: UnitPlan,
    letter: Mapping[str, Any],
    events: Sequence[Event],
    number: str,
    labels: Labels,
) -> dict[str, Any]:
    """The frozen agreement, as app.signing.online.snapshots.agreement_snapshot() would make it."""
    position = letter["position"]
    return {
        "number": number,
        "agreement_type": person.school.agreement_type,
        "wording": NEWEST,
        "employer": dict(unit.facts),
        "graduate": _graduate(person, labels),
        "school": {"name": person.school.name, **_contact(person.school.contact)},
        "position": {
            **position,
            "category": labels.job_category[position["category"]],
            "region": labels.region[position["region"]],
            "employment_form": "",
        },
        "archive": letter["archive"],
        "hukou": letter["hukou"],
        "clauses": letter["clauses"],
        "confirmations": [
            {"role": event.role, "name": event.actor, "at": event.at.isoformat()}
            for event in events
            if event.event in _CONFIRMING
        ],
        "verify_url": None,
    }


def _contact(contact: Mapping[str, str]) -> dict[str, str]:
    return {
        "contact": contact["name"],
        "phone": contact["phone"],
        "address": contact["address"],
        "postcode": contact["postcode"],
    }


def _graduate(person: Person, labels: Labels) -> dict[str, Any]:
    facts = facts_of(person)
    words = {name: table.get(facts[name], "") for name, table in labels.of_graduate.items()}
    return {field.name: words.get(field.name, facts[field.name]) for field in fields_in(AGREEMENT)}
