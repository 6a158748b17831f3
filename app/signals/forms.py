"""Shape of what offices say of a signal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import validate

from app.codes.forms import FormSchema, Text
from app.signals.models import VERDICTS


class MarkForm(FormSchema):
    """What the office holds of it, and why."""

    verdict = Text(12, required=True, validate=validate.OneOf(VERDICTS, error=_("Please choose what you hold of it.")))
    note = Text(500, load_default="")
