"""What must be true before an event of the online signing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.clock import end_of_day
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid
from app.cases.claims import refuse_bound
from app.codes.fields import AGREEMENT
from app.codes.graduate_fields import fields_in
from app.roster.models import IN_FORCE
from app.roster.snapshots import facts_of
from app.signing.guards import refuse_unprintable
from app.signing.online.models import OnlineSigning
from app.signing.online.snapshots import agreement_content
from app.workflow.table import Context

# The workflows whose end is an agreement; a destination in force is voided by a signing and so hinders none.
SIGNINGS = ("online_signing", "offline_signing", "supplementary")
MOST_REMINDERS, BETWEEN_REMINDERS = 3, timedelta(hours=24)


def parties_can_be_printed(context: Context[OnlineSigning]) -> None:
    """Unit and graduate have names that stand in our faces; what the letter says its form has looked at."""
    unit = context.case.employer
    names = {"name": unit.name, "short_name": unit.short_name, "address": unit.address}
    facts = facts_of(context.case)
    refuse_unprintable({"employer": names, "graduate": {one.name: facts[one.name] for one in fields_in(AGREEMENT)}})


def can_be_printed(context: Context[OnlineSigning]) -> None:
    """The whole agreement, as it would read now."""
    refuse_unprintable(agreement_content(context.case))


def is_within_validity(context: Context[OnlineSigning]) -> None:
    """An expired invitation can never be answered, however late the clock's job is."""
    if context.at >= context.case.valid_until:
        raise Conflict(
            _("The time to answer this invitation is over. Please ask the unit to invite you again."),
            "expired",
        )


def can_still_be_answered(context: Context[OnlineSigning]) -> None:
    """The same for the unit, which would remind of it or extend it."""
    if context.at >= context.case.valid_until:
        raise Conflict(_("The time to answer this invitation is over. Please invite the graduate again."), "expired")


def may_be_reminded(context: Context[OnlineSigning]) -> None:
    """A reminder helps once in a while; more of them only teach people to read none."""
    case = context.case
    if case.reminders >= MOST_REMINDERS:
        raise Conflict(
            _(
                "The graduate has been reminded %(most)s times, as often as is possible. Please call them.",
                most=MOST_REMINDERS,
            ),
            "reminded",
        )
    if case.reminded_at is not None and context.at < case.reminded_at + BETWEEN_REMINDERS:
        again = time_text(case.reminded_at + BETWEEN_REMINDERS)
        raise Conflict(
            _("The graduate has been reminded already. The next reminder is possible from %(when)s.", when=again),
            "reminded",
        )


def is_longer_than_before(context: Context[OnlineSigning]) -> dict[str, Any]:
    """Time that was given is not taken away again: who no longer wants to sign withdraws."""
    if end_of_day(context.data["valid_until"]) <= context.case.valid_until:
        raise Invalid({"valid_until": [_("Please choose a later day than before.")]})
    return context.data


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
