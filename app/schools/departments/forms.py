"""Shape of what is changed of a department."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from app.codes.forms import FormSchema, Text, Whole

MOST_ALIASES = 200  # names that were given up, merged or assigned stay


class DepartmentForm(FormSchema):
    """What is absent stays as it is; `aliases` are all other names, one left out is forgotten."""

    name = Text(64)
    code = Text(16)  # "" for none
    aliases = fields.List(Text(64))

    @validates("name")
    def _is_told(self, value: str, **_options: Any) -> None:
        if not value:
            raise ValidationError([_("Please fill this in.")])

    @validates("aliases")
    def _are_few(self, value: list[str], **_options: Any) -> None:
        if len(value) > MOST_ALIASES:
            raise ValidationError([_("At most %(most)s entries.", most=MOST_ALIASES)])


class MergeForm(FormSchema):
    """Into which department another one is merged."""

    into = Whole(1, 2**63 - 1, required=True)
