"""What must be true before an event of a hukou registration alone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.household.hukou.models import Hukou
from app.household.types import NOT_AT_SCHOOL
from app.workflow.table import Context


def needs_no_review(context: Context[Hukou]) -> None:
    """户口不在学校 alone is approved without anybody's look."""
    if context.case.data.get("transfer_type") != NOT_AT_SCHOOL:
        raise Conflict(_("This record needs a review."), "needs_review")
