"""What the employment management system is told of a graduate's destination (R4.6, R4.9)."""

from __future__ import annotations

from typing import Any

PENDING = "70"
SIGNED_AGREEMENT = "10"


def pending_destination() -> dict[str, Any]:
    """待就业: what a finished termination or a void sets; never empty."""
    return {"code": PENDING}


def signed_destination(employer: dict[str, Any], position: dict[str, Any]) -> dict[str, Any]:
    """签就业协议形式就业 with the unit's and the position's data, as codes."""
    return {
        "code": SIGNED_AGREEMENT,
        "employer": employer["name"],
        "uscc": employer.get("uscc"),
        "nature": employer.get("nature"),
        "industry": employer.get("industry"),
        "region": position.get("region"),
        "category": position["category"],
        "contact": position.get("contact"),
        "phone": position.get("phone"),
        "mobile": None,
        "email": None,
        "fax": None,
        "address": employer.get("address"),
        "postcode": None,
    }
