"""Shape of the input of employers."""

from __future__ import annotations

from app.forms import FormSchema, Text


class GraduateSearchForm(FormSchema):
    """Who is to be found: all three exactly (R6.2)."""

    name = Text(64, required=True)
    id_number = Text(32, required=True)
    school = Text(64, required=True)
