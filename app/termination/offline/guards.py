"""What must be true before an event of an offline termination."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict, Invalid
from app.cases.attachments import has
from app.roster.models import IN_FORCE
from app.termination.offline.models import LETTER, MUTUAL, STATEMENT, UNILATERAL, OfflineTermination
from app.termination.offline.queries import another_is_open
from app.workflow.table import Context


def signing_is_in_force(context: Context[OfflineTermination]) -> None:
    """Only a signing that binds the graduate now can be terminated.

    The claim, loaded with the graduate, tells it without another look; the effects hold the signing and look again.
    """
    case = context.case
    claim = case.graduate.claim
    if claim is None or (claim.workflow, claim.case_id, claim.kind) != (
        case.signing_workflow,
        case.signing_id,
        IN_FORCE,
    ):
        raise not_in_force()


def not_in_force() -> Conflict:
    """The refusal: there is nothing to terminate."""
    return Conflict(
        _("This agreement is not in force any more (or not yet), so there is nothing to terminate."),
        "signing_not_in_force",
    )


def is_the_only_application(context: Context[OfflineTermination]) -> None:
    """One application at a time about one signing."""
    if another_is_open(context.case):
        raise already_open()


def already_open() -> Conflict:
    """The refusal: another application about this signing is open."""
    return Conflict(
        _("Another application to terminate this agreement is open already. Please go on with that one."),
        "termination_open",
    )


def is_complete(context: Context[OfflineTermination]) -> dict[str, Any]:
    """The form of `submit`: a reason, and the letter or the statement; raises Invalid at what is missing."""
    case = context.case
    errors: dict[str, list[Any]] = {}
    if not case.reason_code:
        errors["reason_code"] = [_("Please choose a reason.")]
    if not (has(case, LETTER) or has(case, STATEMENT)):
        errors[LETTER] = [
            _("Please upload the termination letter, or the statement of circumstances where the unit gives no letter.")
        ]
    if errors:
        raise Invalid(errors)
    return {}


def proofs_are_there(case: OfflineTermination, settlement: str) -> None:
    """What each way to settle needs of the graduate's papers (R8.7); raises Invalid naming what is missing."""
    if settlement == MUTUAL and not has(case, LETTER):
        text = _(
            "It can be settled with the unit's consent only with the termination letter. Please send it back for the letter."
        )
        raise Invalid({LETTER: [text]})
    if settlement == UNILATERAL and not has(case, STATEMENT):
        text = _("A one-sided termination needs the graduate's statement of circumstances. Please send it back for it.")
        raise Invalid({STATEMENT: [text]})
