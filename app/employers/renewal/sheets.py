"""The columns of the downloaded list of renewals."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.wording import joined
from app.cases.sheets import state_label
from app.employers.renewal.records import changes_in_words
from app.web.sheets import Column


def renewal_columns() -> list[Column]:
    """Which unit, how it stands, until when, and what was changed."""
    return [
        Column(_("Record number"), lambda case: case.id, 12),
        Column(_("State"), state_label, 28),
        Column(_("Unit"), lambda case: case.employer.name, 32),
        Column(_("Credit code"), lambda case: case.employer.uscc, 22),
        Column(_("Verified until"), lambda case: case.employer.verified_until, 18),
        Column(_("What has changed"), lambda case: joined(changes_in_words(case.data.get("changes") or {})), 60),
        Column(_("Created at"), lambda case: case.created_at, 18),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]
