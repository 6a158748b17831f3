"""Shape of a roster row, as the import's template and the employment management system have it (R4.1)."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from app.codes.forms import Code, Day, FormSchema, Phone, Region, Text, Whole
from app.codes.validators import (
    is_exam_number,
    is_id_number,
    normalise_exam_number,
    normalise_id_number,
    normalise_person_name,
)

_YEARS = re.compile(r"[1-9](\.5)?")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,100}\.[^@\s.]{2,}")
_TO_BE_SPLIT = {"2": "21/22", "4": "41/42"}


class IdNumber(Text):
    """A resident identity number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        number = normalise_id_number(super()._deserialize(value, attr, data, **options))
        if number and not is_id_number(number):
            raise ValidationError(_("This is not a valid identity number. Please check it."))
        return number


class PersonName(Text):
    """A person's name in its one spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        return normalise_person_name(super()._deserialize(value, attr, data, **options))


class ExamNumber(Text):
    """A 考生号: 10 to 20 letters and digits; places differ too much to ask more."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        number = normalise_exam_number(super()._deserialize(value, attr, data, **options))
        if not is_exam_number(number):
            raise ValidationError(_("An exam number has 10 to 20 letters and digits. Please check it."))
        return number


class TrainingMode(Code):
    """A 培养方式; 定向 and 委培 must say whether the student may sign (R4.4)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        mode = super()._deserialize(value, attr, data, **options)
        if mode in _TO_BE_SPLIT:
            raise ValidationError(_("Please choose %(codes)s.", codes=_TO_BE_SPLIT[mode]))
        return mode


class Years(Text):
    """A 学制: a number of years such as 4 or 2.5."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        years = super()._deserialize(value, attr, data, **options)
        if not _YEARS.fullmatch(years):
            raise ValidationError(_("Please give the years of study, such as 4 or 2.5."))
        return years


class Email(Text):
    """An e-mail address; whether it is read only a message to it can show."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        address = super()._deserialize(value, attr, data, **options)
        if address and not _EMAIL.fullmatch(address):
            raise ValidationError(_("This is not an e-mail address. Please check it."))
        return address


class StudentForm(FormSchema):
    """One student of one school and cohort; department and major by name, the rest as codes.

    All rules stand in the fields, none in the whole: the import checks column by column.
    """

    school = Text(5, required=True)
    cohort = Whole(2000, 2100, required=True)
    exam_number = ExamNumber(20, required=True)
    student_number = Text(20, required=True)
    name = PersonName(64, required=True)
    sex = Code("sex", required=True)
    id_number = IdNumber(32, required=True)
    ethnicity = Code("ethnicity", required=True)
    political_status = Code("political_status", required=True)
    department = Text(64, required=True)
    major = Text(64, required=True)
    education = Code("education_level", required=True)
    duration = Years(4, required=True)
    training_mode = TrainingMode("training_mode", required=True)
    graduated_on = Day(required=True)
    origin_region = Region(required=True)
    hardship = Code("hardship_category", load_default="0")
    normal_student = Code("normal_student", load_default="2")
    mobile = Phone(load_default=None, allow_none=True)
    email = Email(128, load_default=None, allow_none=True)
    address = Text(128, load_default=None, allow_none=True)
