"""The columns of the downloaded list of verifications."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.cases.sheets import state_label
from app.web.sheets import Column


def verification_columns() -> list[Column]:
    """Who asked, for which unit, by which method, and how it stands."""
    return [
        Column(_("Record number"), lambda case: case.id, 12),
        Column(_("State"), state_label, 28),
        Column(_("Unit"), lambda case: (case.unit or {}).get("name") or case.employer.name, 32),
        Column(_("Credit code"), lambda case: (case.unit or {}).get("uscc") or case.employer.uscc, 22),
        Column(_("Method"), lambda case: str(METHOD_LABELS[case.method]), 20),
        Column(_("Created at"), lambda case: case.created_at, 18),
        Column(_("Last change"), lambda case: case.updated_at, 18),
    ]


METHOD_LABELS = {
    "remittance": _("Remittance to the unit's account"),
    "materials": _("Upload of materials"),
    "known_unit": _("Unit known from the job platform"),
    "join": _("Joining a registered unit"),
}
