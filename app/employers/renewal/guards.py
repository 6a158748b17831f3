"""What must be true before an event of a renewal."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.unit_roles import OWNER
from app.base.database import session
from app.base.errors import Forbidden, Invalid
from app.documents.models import StoredFile
from app.employers.guards import check_nature
from app.employers.renewal.models import UnitRenewal
from app.workflow.table import Context

LICENCE = "licence"
MAY_BE_EMPTY = ("short_name", "job_industry", "business_scope", "website", "welfare", "intro")


def is_owner(context: Context[UnitRenewal]) -> None:
    """An owner of the unit speaks for it, or an owner's key that may decide; no colleague. Raises Forbidden."""
    if context.actor.unit_role != OWNER:
        raise Forbidden(_("An owner of the unit confirms its data. Please ask one of them."), "owner_only")


def read_changes(context: Context[UnitRenewal]) -> dict[str, Any]:
    """What is typed otherwise than it stands. A new name is shown by the licence; raises Invalid."""
    unit = context.case.employer
    typed = {name: value or None if name in MAY_BE_EMPTY else value for name, value in context.data.items()}
    check_nature(typed)
    changes = {name: [getattr(unit, name), value] for name, value in typed.items() if getattr(unit, name) != value}
    if "name" in changes and not has_licence(context.case):
        raise Invalid({LICENCE: [_("The name has changed: please upload the stamped licence with the new name.")]})
    return {"changes": changes}


def has_licence(case: UnitRenewal) -> bool:
    """Whether a picture of the licence has been handed in."""
    mine = (StoredFile.workflow == case.workflow_name, StoredFile.case_id == case.id, StoredFile.kind == LICENCE)
    return session.scalar(select(StoredFile.id).where(*mine).limit(1)) is not None
