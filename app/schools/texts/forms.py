"""Shape of a province's text of the agreement."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates

from app.base import clock
from app.codes.forms import Day, FormSchema, Text
from app.documents.texts.words import LONGEST, faults


class AgreementTextForm(FormSchema):
    """The text, and the first day on which agreements are begun with it."""

    text = Text(LONGEST, required=True)
    valid_from = Day(required=True)

    @validates("text")
    def can_be_printed(self, value: str, **_options: Any) -> None:
        """Every place to fill in is known, none that a paper needs is missing, every sign is in our faces."""
        found = faults(value)
        if found:
            raise ValidationError(found)

    @validates("valid_from")
    def is_not_past(self, value: date, **_options: Any) -> None:
        """What has been begun keeps its text."""
        if value < clock.today():
            raise ValidationError(_("This day has passed. What has been begun keeps its text."))
