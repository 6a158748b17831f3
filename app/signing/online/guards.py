"""What must be true before an event of the online signing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.cases.claims import IN_FORCE, refuse_bound
from app.signing.online.models import OnlineSigning
from app.workflow.table import Context

# The workflows whose end is an agreement; a destination in force is voided by a signing and so hinders none.
SIGNINGS = ("online_signing", "offline_signing", "supplementary")


def is_within_validity(context: Context[OnlineSigning]) -> None:
    """An expired invitation can never be answered, however late the clock's job is."""
    if context.at >= context.case.valid_until:
        raise Conflict(
            _("The time to answer this invitation is over. Please ask the unit to invite you again."),
            "expired",
        )


def is_overdue(context: Context[OnlineSigning]) -> None:
    """Only an invitation whose validity is over expires."""
    if context.at < context.case.valid_until:
        raise Conflict(_("This invitation is still valid."), "still_valid")


def graduate_is_not_signed(context: Context[OnlineSigning]) -> None:
    """Once signed, other invitations are read only (R7.1); while another case is reviewed they may still be declined."""
    case = context.case
    claim = case.graduate.claim
    if claim is not None and claim.kind == IN_FORCE and claim.workflow in SIGNINGS:
        refuse_bound(claim, case.workflow_name, case.id)


def category_changes(context: Context[OnlineSigning]) -> None:
    """An edit that changes nothing would only send useless notices."""
    new = context.data.get("category")
    if new and new == context.case.data["position"]["category"]:
        raise Conflict(_("This is already the present job category."), "unchanged")
