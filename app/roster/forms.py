"""Shape of a roster row, as the import's template and the employment management system have it (R4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, post_load

from app.base.values import Unreadable, id_documents
from app.codes.fields import Field, Kind, Shape
from app.codes.forms import Code, Day, Email, ExamNumber, FormSchema, IdNumber, PersonName, Phone, Region, Text, Whole
from app.codes.graduate_fields import FIELDS


class SplitCode(Code):
    """A code of a table, perhaps by name; some say too little: a 培养方式 must tell whether one may sign (R4.4)."""

    def __init__(self, field: Field, **options: Any) -> None:
        super().__init__(field.table or "", **options)
        self.split, self.spelling = field.split, field.spelling

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if self.spelling is not None and isinstance(value, str):
            value = self.spelling(value)
        code = super()._deserialize(value, attr, data, **options)
        if code in self.split:
            raise ValidationError(_("Please choose %(codes)s.", codes=self.split[code]))
        return code


class Shaped(Text):
    """A text of a given shape, such as years of study."""

    def __init__(self, most: int, shape: Shape, **options: Any) -> None:
        super().__init__(most, **options)
        self.shape = shape

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if isinstance(value, str):
            value = self.shape.normal(value)
        text = super()._deserialize(value, attr, data, **options)
        if text and not re.fullmatch(self.shape.pattern, text):
            raise ValidationError([self.shape.refusal])
        return text


def _text(field: Field, options: dict[str, Any]) -> Text:
    return Shaped(field.most, field.shape, **options) if field.shape else Text(field.most, **options)


_MAKERS: Final[dict[Kind, Callable[[Field, dict[str, Any]], Any]]] = {
    Kind.TEXT: _text,
    Kind.CODE: lambda field, options: SplitCode(field, **options),
    Kind.REGION: lambda _field, options: Region(former=True, **options),
    Kind.DAY: lambda _field, options: Day(**options),
    Kind.YEAR: lambda _field, options: Whole(2000, 2100, **options),
    Kind.PERSON_NAME: lambda field, options: PersonName(field.most, **options),
    Kind.ID_NUMBER: lambda field, options: IdNumber(field.most, **options),
    Kind.EXAM_NUMBER: lambda field, options: ExamNumber(field.most, **options),
    Kind.PHONE: lambda _field, options: Phone(**options),
    Kind.EMAIL: lambda field, options: Email(field.most, **options),
}


def input_of(field: Field) -> Any:
    """The check of what is given for a field: whether it must be, what it may be, what stands for nothing."""
    if field.required:
        return _MAKERS[field.kind](field, {"required": True})
    nothing: dict[str, Any] = {"load_default": field.default}
    return _MAKERS[field.kind](field, {**nothing, "allow_none": True} if field.may_be_null else nothing)


_Student: Any = FormSchema.from_dict({field.name: input_of(field) for field in FIELDS}, name="Student")


class StudentForm(_Student):
    """One student of one school and cohort, as the list of fields has it; department and major by name.

    All rules but one stand in the fields: the import checks column by column.
    """

    @post_load(pass_original=True)
    def _document(self, row: dict[str, Any], sent: Any, **_options: Any) -> dict[str, Any]:
        """Kind and number of the document go together."""
        try:
            kind = id_documents.settled(row["id_number"], row["id_type"] if sent.get("id_type") else None)
        except Unreadable as error:
            raise ValidationError({"id_number": [error.reason]}) from None
        return {**row, "id_type": kind}
