"""What must be true before an agreement is amended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.amendment.models import Amendment
from app.base.database import session
from app.base.errors import Conflict
from app.workflow.stages import MOVING, Stage
from app.workflow.table import Context


def agreement_is_in_force(context: Context[Amendment]) -> None:
    """Only a signed agreement can be amended."""
    if context.case.signing.stage != Stage.IN_FORCE:
        raise Conflict(
            _("Only an agreement that is in force can be amended. Please look at the state of this signing."),
            "not_signed",
        )


def no_termination_is_open(context: Context[Amendment]) -> None:
    """What is about to end is not mended."""
    if context.case.signing.is_being_terminated:
        raise Conflict(
            _("A termination of this agreement is in progress. Please wait for its result."), "termination_open"
        )


def no_other_amendment_is_open(context: Context[Amendment]) -> None:
    """One proposal at a time: the other side's has to be answered, one's own to be withdrawn first."""
    query = select(Amendment.id).where(
        Amendment.signing_id == context.case.signing_id,
        Amendment.stage.in_(MOVING),
        Amendment.id != (context.case.id or 0),
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(
            _("An amendment of this agreement is already in progress. Please answer or withdraw that one first."),
            "amendment_open",
        )
