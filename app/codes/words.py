"""A graduate's value as people read it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from app.base.masks import mask_id_number, mask_phone
from app.codes import queries as codes
from app.codes.fields import Field, Kind

_MASKS: Final = {Kind.ID_NUMBER: mask_id_number, Kind.PHONE: mask_phone}


def plain(value: Any) -> Any:
    """The value as JSON has it: a day as 2027-06-30."""
    return value.isoformat() if isinstance(value, date) else value


def masked(field: Field, value: Any) -> Any:
    """The plain value with what nobody reads on a screen left out."""
    if not field.masked:
        return plain(value)
    return _MASKS[field.kind](value) if field.kind in _MASKS else "****" if value else ""


def in_full(field: Field, value: Any) -> Any:
    """Codes and regions by name, nothing hidden: for agreements."""
    if field.table:
        return codes.label(field.table, value)
    return codes.region_label(value) if field.kind is Kind.REGION else plain(value)


def in_words(field: Field, value: Any) -> Any:
    """The same for a screen or a download."""
    return masked(field, value) if field.masked else in_full(field, value)
