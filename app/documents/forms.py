"""Input that will stand on a paper: every character must be in the faces that it is printed with (R9.1)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from app.codes.forms import PlaceName, Text
from app.documents.typefaces import unprintable


class Printed(Text):
    """A text of an agreement."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return printable_text(super()._deserialize(value, attr, data, **options))


class PrintedPlace(PlaceName):
    """The name of a unit or a place on an agreement."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return printable_text(super()._deserialize(value, attr, data, **options))


def printable_text(text: str) -> str:
    """The same text; raises ValidationError naming what no face of ours can print."""
    missing = unprintable(text)
    if missing:
        raise ValidationError(
            _("The agreement cannot be printed with: %(signs)s. Please remove them.", signs=" ".join(missing[:10]))
        )
    return text
