"""How a verification is told to its reader; for pages of every door, no rule is here."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.access.actors import EMPLOYER, OPERATOR, SYSTEM_KIND
from app.cases import progress
from app.employers.models import EmployerVerification
from app.employers.verification.attachments import KINDS
from app.workflow import history, registry


def kind_labels() -> dict[str, str]:
    """What the papers are called."""
    return {kind.name: str(kind.label) for kind in KINDS}


def field_labels() -> dict[str, str]:
    """What the fields are called on which an operator can give an opinion."""
    return {
        "name": _("Name of the unit"),
        "uscc": _("Credit code"),
        "type": _("Type of the unit"),
        "nature": _("Nature of the unit"),
        "industry": _("Industry"),
        "region": _("Place"),
        "address": _("Address"),
        "account": _("Account of the unit"),
        "bank": _("Bank"),
        "bank_code": _("Bank code"),
        **kind_labels(),
    }


def timeline(case: EmployerVerification) -> list[dict[str, Any]]:
    """The history as the timeline component shows it, oldest first."""
    labels = {
        "create": _("Verification started"),
        "submit": _("Submitted"),
        "remitted": _("Remittance made"),
        "confirm_amount": _("Amount given"),
        "approve": _("Approved"),
        "return": _("Sent back"),
    }
    roles = {EMPLOYER: _("unit"), OPERATOR: _("operator"), SYSTEM_KIND: _("system")}
    return [
        {
            "label": labels[row.event],
            "actor": row.actor,
            "role": roles.get(row.role, row.role),
            "at": row.at,
            "tone": progress.tone_of(registry.get(row.workflow).state(row.to_state)),
            "reason": row.reason,
        }
        for row in history.of_case(case.workflow_name, case.id)
    ]
