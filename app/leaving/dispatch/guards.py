"""What must be true before an archive is put on the list, and before it is sent."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base import clock
from app.base.dates import day_text
from app.base.errors import Conflict, Invalid
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import dispatch_of, first_day_of, receiver_in
from app.leaving.dispatch.ways import tracking_number
from app.leaving.queries import leaving_of
from app.workflow.table import Context


def receiver_is_confirmed(context: Context[Dispatch]) -> None:
    """The graduate has confirmed where it goes, and it goes to somebody."""
    leaving = leaving_of(context.case.graduate_id or context.case.graduate.id)
    if receiver_in(leaving) is None:
        raise Conflict(
            _(
                "The graduate has not confirmed a receiver of the archive, or is confirming it again, so it has no "
                "number to be sent under. Please wait for the leaving confirmation."
            ),
            "not_confirmed",
        )


def is_the_only_one(context: Context[Dispatch]) -> None:
    """One a graduate."""
    found = dispatch_of(context.case.graduate_id or context.case.graduate.id)
    if found is not None:
        raise Conflict(_("This archive is on the list already."), "already_begun", id=found.id)


def sent_as_said(context: Context[Dispatch]) -> dict[str, Any]:
    """A day that has come, not before it came back, and a number of the way's form."""
    data = context.data
    refuse_day("sent_on", data["sent_on"], context.case.returned_on, _("It came back on %(day)s only."))
    first = first_day_of(context.case.number)
    refuse_day("sent_on", data["sent_on"], first, _("The number of the transfer was given on %(day)s only."))
    return {**data, "tracking_number": tracking_number(data["way"], data["tracking_number"])}


def received_as_said(context: Context[Dispatch]) -> dict[str, Any]:
    """Not before it was sent."""
    refuse_day("received_on", context.data["received_on"], context.case.sent_on, _("It was sent on %(day)s only."))
    return context.data


def returned_as_said(context: Context[Dispatch]) -> dict[str, Any]:
    """Not before it was sent, or received."""
    case, day = context.case, context.data["returned_on"]
    refuse_day("returned_on", day, case.sent_on, _("It was sent on %(day)s only."))
    refuse_day("returned_on", day, case.received_on, _("It was received on %(day)s only."))
    return context.data


def refuse_day(name: str, day: Any, first: Any, too_early: Any) -> None:
    """Raise Invalid for a day before the first, whose text names it, or one that has not come yet."""
    if day > clock.today():
        raise Invalid({name: [_("This day has not come yet.")]})
    if first is not None and day < first:
        raise Invalid({name: [str(too_early) % {"day": day_text(first)}]})
