"""What a unit says of a mark on it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.codes.forms import FormSchema, Text, Whole
from app.objection.forms import LONGEST_TEXT


class FlagObjectionForm(FormSchema):
    """Which mark is meant, and what is wrong about it."""

    warning_id = Whole(1, 2**63 - 1, required=True)
    text = Text(LONGEST_TEXT, required=True, metadata={"label": _("What is wrong about the mark")})
