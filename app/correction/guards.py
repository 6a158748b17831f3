"""What must be true before a graduate names a field as wrong, and before the school writes what they want."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.dates import day_text
from app.base.errors import Conflict
from app.correction.fields import FIELDS, is_writable
from app.correction.models import Correction
from app.correction.queries import open_fields, window_of
from app.workflow.table import Context


def window_is_open(context: Context[Correction]) -> None:
    """The days of the school; before and after them one can say that something is wrong, as at the first log-in."""
    window = window_of(context.case.graduate)
    if window is not None and window.is_open:
        return
    if window is None:
        text = _("Your school has not set days for checking the student data. Please turn to its employment office.")
    else:
        text = _(
            "The student data can be checked from %(since)s to %(until)s. Please turn to your school's employment office.",
            since=day_text(window.since),
            until=day_text(window.until),
        )
    raise Conflict(text, "not_open")


def is_not_asked_already(context: Context[Correction]) -> None:
    """One answer at a time for each field."""
    case = context.case
    if case.field in open_fields(case.graduate_id or case.graduate.id):
        raise Conflict(
            _(
                "You have corrected “%(field)s” already; your school has not answered yet.",
                field=FIELDS[case.field].label,
            ),
            "already_asked",
        )


def can_be_written(context: Context[Correction]) -> None:
    """What makes the key of a student is corrected in the employment system alone."""
    if not is_writable(context.case.field):
        raise Conflict(
            _(
                "“%(field)s” tells students apart and cannot be changed here. Please correct it in the employment "
                "management system, then choose “corrected elsewhere”.",
                field=FIELDS[context.case.field].label,
            ),
            "not_here",
        )
