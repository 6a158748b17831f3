"""What the employment management system is told of a graduate's destination (R4.6, R4.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.codes import queries as codes
from app.codes import record_fields

PENDING = "70"
SIGNED_AGREEMENT = "10"
# What the platform tells; when it was reported and in which order, the delivery adds.
FIELDS = record_fields.names_of(record_fields.DESTINATION)


def destination(code: str, **known: Any) -> dict[str, Any]:
    """All fields of a report, those that are not known as None.

    The label is taken now and travels with the report: a report that is repeated must not read differently.
    """
    values = {"code": code, "label": codes.label("destination", code), **known}
    return {name: values.get(name) or None for name in FIELDS}


def pending_destination() -> dict[str, Any]:
    """待就业: what a finished termination or a void sets; never empty."""
    return destination(PENDING)


def signed_destination(employer: Mapping[str, Any], position: Mapping[str, Any], signed_on: date) -> dict[str, Any]:
    """签就业协议形式就业 with the unit's and the position's data, as codes, and the day since when it holds."""
    return destination(
        SIGNED_AGREEMENT,
        employer=employer["name"],
        uscc=employer.get("uscc"),
        nature=employer.get("nature"),
        industry=employer.get("industry"),
        region=position.get("region"),
        category=position["category"],
        contact=position.get("contact"),
        phone=position.get("phone"),
        address=employer.get("address"),
        signed_on=signed_on.isoformat(),
    )
