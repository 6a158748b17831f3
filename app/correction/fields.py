"""Which fields of the one list a graduate can correct, and how what they give for it is read."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from app.base.errors import Invalid
from app.base.forms import statements_of
from app.base.values import Unreadable, id_documents
from app.codes.fields import GRADUATE, OWN, SCHOOL, Field
from app.codes.graduate_fields import fields_in
from app.codes.words import plain
from app.roster.forms import StudentForm
from app.roster.models import Graduate
from app.roster.snapshots import value_of
from app.schools.departments.queries import known_departments

# What is the graduate's own is changed by themselves and needs no school.
FIELDS: Final[dict[str, Field]] = {field.name: field for field in fields_in(OWN) if field.editor is not GRADUATE}


def is_writable(name: str) -> bool:
    """Whether the school can write the field here; what makes the key of a student is corrected elsewhere."""
    return FIELDS[name].editor is SCHOOL


def now_of(graduate: Graduate, name: str) -> Any:
    """What the roster has, as it is stored."""
    return plain(value_of(graduate, FIELDS[name]))


def wanted_value(graduate: Graduate, name: str, sent: Any) -> str:
    """The right value as the roster keeps it, by the rules of the field. Raises Invalid at `wanted`."""
    if isinstance(sent, str) and not sent.strip():
        raise Invalid({"wanted": [_("Please give the right value.")]})
    try:
        # What nobody writes here is only told to the school, in the graduate's words.
        value = plain(StudentForm().fields[name].deserialize(sent)) if is_writable(name) else str(sent).strip()
        if name == "id_number":
            id_documents.settled(value, None)
    except ValidationError as refused:
        raise Invalid({"wanted": statements_of(refused)}) from None
    except Unreadable as refused:
        raise Invalid({"wanted": [refused.reason]}) from None
    if name == "department":
        value = _department(graduate, value)
    if value in (None, "") or value == now_of(graduate, name):
        raise Invalid({"wanted": [_("This is what the student list says already.")]})
    return str(value)


def _department(graduate: Graduate, word: str) -> str:
    known = known_departments(graduate.school_id)
    found = known.find(word)
    if found is None:
        raise Invalid({"wanted": [_("No department of your school is called so.")]})
    return known.names[found]
