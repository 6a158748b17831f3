"""What happens besides when an event of a hukou registration is fired."""

from __future__ import annotations

from app.household.hukou.models import Hukou
from app.household.types import NOT_AT_SCHOOL
from app.workflow.table import Context


def approve_without_review(context: Context[Hukou]) -> None:
    """户口不在学校 is approved by the program in the transaction that submits it."""
    if context.case.data.get("transfer_type") == NOT_AT_SCHOOL:
        context.then("approve_unreviewed")
