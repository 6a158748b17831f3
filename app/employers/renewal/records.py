"""How a renewal is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.base.dates import day_text, deadline_text
from app.base.wording import joined
from app.employers.renewal.models import UnitRenewal
from app.employers.units.records import change_in_words

Rows = list[tuple[Any, Any]]


def changes_in_words(changes: Mapping[str, Any]) -> Sequence[str]:
    """What was changed, a sentence a field."""
    return [change_in_words(name, *pair) for name, pair in changes.items()]


def renewal_rows(case: UnitRenewal) -> Rows:
    """Of which unit, until when it holds, and what the owner has said."""
    unit, changes = case.employer, case.data.get("changes")
    rows = [
        (_("Unit"), unit.name),
        (_("Credit code"), unit.uscc),
        (_("Verified on"), day_text(unit.verified_at)),
        (_("Verified until"), deadline_text(unit.verified_until)),
        (_("What has changed"), None if changes is None else joined(changes_in_words(changes)) or _("Nothing")),
    ]
    return [(label, value) for label, value in rows if value]


def facts(case: UnitRenewal) -> dict[str, str]:
    """What notices tell of it."""
    return {"valid_until": deadline_text(case.employer.verified_until)}
