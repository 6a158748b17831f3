"""What an answer changes: the roster row and the employment system's copy, and that the graduate has something open."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.database import session
from app.codes.words import masked
from app.correction.fields import FIELDS, now_of
from app.correction.models import Correction
from app.correction.queries import open_fields
from app.correction.records import field_name, shown
from app.roster.forms import StudentForm
from app.roster.models import Graduate
from app.roster.services.following import follow
from app.roster.services.graduates import held_to_change
from app.roster.services.takeover import write_field
from app.workflow.table import Context, foretells


def _writes(context: Context[Correction]) -> Any:
    case = context.case
    return _(
        "The student list gets it at once, and the employment management system is told: %(field)s becomes %(value)s.",
        field=field_name(case),
        value=shown(case, case.wanted),
    )


@foretells(_writes)
def write_to_roster(context: Context[Correction]) -> None:
    """The roster row gets the value, by the rules of the field; what was signed keeps what it had (R4.6)."""
    case = context.case
    graduate = _held(context)
    field, before = FIELDS[case.field], now_of(graduate, case.field)
    write_field(graduate, case.field, StudentForm().fields[case.field].deserialize(case.wanted))
    session.flush()
    follow(graduate.id)
    context.kept["changes"] = {case.field: [_history(field, before), _history(field, case.wanted)]}
    context.post("ems", {"action": "upload", "graduate_ids": [graduate.id]}, order_key=f"graduate:{graduate.id}")


def wait_for_nothing(context: Context[Correction]) -> None:
    """It binds nobody, so a young phone number holds nothing up."""
    context.case.unconfirmed_since = None


def answer_report(context: Context[Correction]) -> None:
    """Once everything is answered the graduate is asked to confirm again."""
    case = context.case
    if not open_fields(case.graduate_id, but=case.id):
        _held(context).reported_wrong_at = None


def _held(context: Context[Correction]) -> Graduate:
    """The roster row, held once for all that one answer changes of it."""
    if "graduate" not in context.memo:
        context.memo["graduate"] = held_to_change(Graduate.id == context.case.graduate_id)
    graduate: Graduate = context.memo["graduate"]
    return graduate


def _history(field: Any, value: Any) -> Any:
    """As a history may keep it, which nobody can seal anew."""
    return "****" if field.encrypted and not field.masked else masked(field, value)
