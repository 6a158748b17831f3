"""Shape of a kept view."""

from __future__ import annotations

from app.codes.forms import Flag, FormSchema, Text


class ViewForm(FormSchema):
    """The list by its workflow, a name, the address's query, and whether colleagues see it."""

    listing = Text(32, required=True)
    name = Text(32, required=True)
    query = Text(1000, load_default="")
    shared = Flag(load_default=False)
