"""Shape of a school's own phrase."""

from __future__ import annotations

from app.cases.forms import LONGEST_REASON
from app.codes.forms import FormSchema, Text


class PhraseForm(FormSchema):
    """For which verdict the words are, at which field if at one, and the words."""

    workflow = Text(32, required=True)
    event = Text(32, required=True)
    field = Text(100, load_default="")
    label = Text(64, load_default="")
    text = Text(LONGEST_REASON, required=True)


class PhraseTextForm(FormSchema):
    """The words alone: what they are for stays."""

    text = Text(LONGEST_REASON, required=True)
