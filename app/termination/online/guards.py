"""What must be true before a termination of an agreement signed online is started."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.termination.online.queries import reached
from app.workflow.stages import Stage
from app.workflow.table import Context


def agreement_is_in_force(context: Context[OnlineTermination]) -> None:
    """Only a signed agreement can be terminated."""
    if context.case.signing.stage != Stage.IN_FORCE:
        raise Conflict(
            _("Only an agreement that is in force can be terminated. Please look at the state of this signing."),
            "not_signed",
        )


def no_other_termination_is_open(context: Context[OnlineTermination]) -> None:
    """One application at a time: the other side's has to be answered, one's own to be withdrawn first."""
    if is_being_terminated(context.case.signing):
        raise Conflict(
            _(
                "A termination of this agreement is already in progress. Please answer or withdraw that one, "
                "or wait for its result."
            ),
            "termination_open",
        )


def time_is_over(context: Context[OnlineTermination]) -> None:
    """The unit has as long as it was given."""
    due = context.case.due_at
    if due is None or context.at < due:
        raise Conflict(_("The time to answer is not over."), "not_due")


def unit_has_been_told(context: Context[OnlineTermination]) -> None:
    """Nobody is silent to whom nothing has come: what was sent to the unit must have arrived."""
    if not reached(context.case):
        raise Conflict(_("The unit has not been reached yet."), "not_delivered")


def is_being_terminated(signing: Any) -> bool:
    """Whether an application to end this agreement is in progress; the signing's own row says so, held or not."""
    return isinstance(signing, OnlineSigning) and signing.is_being_terminated
