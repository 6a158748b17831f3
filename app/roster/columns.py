"""The columns of the roster, made from the list of a graduate's fields."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Integer, LargeBinary, String
from sqlalchemy.orm import mapped_column

from app.base.crypto import EncryptedText
from app.codes.fields import Field, Kind
from app.codes.graduate_fields import columns


class FieldColumns:
    """A column for each field, and a blind index beside those that are encrypted and searched."""


def _type(field: Field) -> Any:
    if field.encrypted:
        return EncryptedText
    return {Kind.DAY: Date, Kind.YEAR: Integer}.get(field.kind) or String(field.most)


for _field in columns():
    setattr(FieldColumns, _field.name, mapped_column(_type(_field), nullable=_field.may_be_null))
    if _field.indexed:
        setattr(FieldColumns, _field.index_name, mapped_column(LargeBinary, nullable=_field.may_be_null))
