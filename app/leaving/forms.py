"""What a graduate says is wrong, what the school answers, and who is authorized to check."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.codes.forms import FormSchema, Text

LONGEST_TEXT = 1000


class StartForm(FormSchema):
    """Nothing is asked: what is registered is shown."""


class ReportForm(FormSchema):
    """What is wrong."""

    text = Text(LONGEST_TEXT, required=True, metadata={"label": _("What is wrong")})


class AnswerForm(FormSchema):
    """What was done about it."""

    text = Text(LONGEST_TEXT, required=True, metadata={"label": _("Answer to the graduate")})
