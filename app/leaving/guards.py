"""What must be true before a graduate begins to confirm, and confirms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.dates import day_text
from app.base.errors import Conflict
from app.leaving.models import Leaving
from app.leaving.queries import is_in_review, leaving_of, registered_by, window_of
from app.workflow.table import Context


def window_is_open(context: Context[Leaving]) -> None:
    """The school has set the days; what was opened again can be confirmed after them."""
    case = context.case
    window = window_of(case)
    if case.reopened_at is not None or (window is not None and window.is_open):
        return
    if window is None:
        text = _("Your school has not set the days of the leaving confirmation yet. Please wait for its notice.")
    else:
        text = _(
            "The leaving confirmation is open from %(since)s to %(until)s. Please ask your school's employment office "
            "if you need another day.",
            since=day_text(window.since),
            until=day_text(window.until),
        )
    raise Conflict(text, "not_open")


def is_the_only_one(context: Context[Leaving]) -> None:
    """One a graduate: what was begun is gone on with."""
    case = context.case
    found = leaving_of(case.graduate_id or case.graduate.id)
    if found is not None:
        raise Conflict(_("You have begun already. Please go on with that one."), "already_begun", id=found.id)


def something_is_registered(context: Context[Leaving]) -> None:
    """Without a signing or a destination in force there is nothing to confirm."""
    if registered_by(context.case.graduate_id)["destination"] is None:
        raise Conflict(
            _(
                "No signing and no destination of yours is in force, so there is nothing to confirm yet. "
                "Please register your destination first; who is still looking for work registers that."
            ),
            "nothing_registered",
        )


def nothing_is_in_review(context: Context[Leaving]) -> None:
    """What is confirmed must not change a day later."""
    if is_in_review(context.case.graduate_id):
        raise Conflict(
            _("Something of yours is still being reviewed. Please wait for the result, or withdraw it first."),
            "in_review",
        )
