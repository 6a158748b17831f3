"""How a correction is told: the field, what the roster has, what is right."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.dates import time_text
from app.cases.home import Telling
from app.codes.words import in_full, in_words
from app.correction.fields import FIELDS
from app.correction.models import Correction
from app.roster.records import shown as in_list

Rows = list[tuple[Any, Any]]


def field_name(case: Correction) -> str:
    """What people call the field."""
    return str(FIELDS[case.field].label)


def shown(case: Correction, value: Any) -> Any:
    """A value in words; masked ones as in every list."""
    return in_list(FIELDS[case.field], value) if value is not None else "—"


def now_words(case: Correction) -> Any:
    """What the roster had when it was named as wrong; what a field masks was kept masked."""
    field, value = FIELDS[case.field], case.data.get("now")
    return (value if field.masked else in_words(field, value)) or "—"


def wanted_words(case: Correction) -> Any:
    """What the graduate gives as right, masked where the field is."""
    return in_words(FIELDS[case.field], case.wanted)


def wanted_in_full(case: Correction) -> Any:
    """The same for who decides about it."""
    return in_full(FIELDS[case.field], case.wanted)


def correction_rows(case: Correction) -> Rows:
    """What is wrong, and what is right."""
    return [
        (_("Field"), field_name(case)),
        (_("On the student list"), now_words(case)),
        (_("Right value"), wanted_words(case)),
        *([(_("Note"), case.data["note"])] if case.data.get("note") else []),
        (_("Reported on"), time_text(case.created_at)),
    ]


def change_text(case: Correction) -> str:
    """Both values in one line."""
    return _(
        "%(field)s: %(before)s → %(after)s", field=field_name(case), before=now_words(case), after=wanted_words(case)
    )


def tell(case: Correction, actor: Actor) -> Telling:
    """A correction on the graduate's home."""
    del actor
    return Telling(lines=[("pencil", change_text(case))])


def facts(case: Correction) -> dict[str, str]:
    """What notices tell of it."""
    return {"changes": change_text(case)}
