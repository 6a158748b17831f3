"""What must be true before an objection is begun."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.objection.models import Objection
from app.objection.queries import open_objection
from app.workflow.table import Context


def is_the_only_one(context: Context[Objection]) -> None:
    """One at a time of each record; a new one is possible once the province has decided."""
    case = context.case
    if open_objection(case.about, case.about_id) is not None:
        raise Conflict(
            _("You have already objected to this record. Please wait for the answer, or withdraw that one first."),
            "already_objected",
        )
