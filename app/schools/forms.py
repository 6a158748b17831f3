"""Shape of what a school sets; strict, because a number or a yes of another type is a mistake of the sender."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields

from app.codes.forms import FormSchema, Group, Phone, Postcode, Text, told
from app.schools.models import DEPARTMENT_FIRST, LEVELS, MOST_TERMINATIONS, SCHOOL_ONLY, WHOLE_SCHOOL

_BLANK = {"required": _("Please fill this in."), "null": _("Please fill this in.")}


class Choice(fields.Field[str]):
    """One of a few words."""

    default_error_messages = _BLANK

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**told(options, type="string", enum=list(words)))
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValidationError(_("Please choose from the list."))
        return value


class YesNo(fields.Field[bool]):
    """true or false, nothing that looks like it."""

    default_error_messages = _BLANK

    def __init__(self, **options: Any) -> None:
        super().__init__(**told(options, type="boolean"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(_("Please choose either open or closed (true or false)."))
        return value


class Count(fields.Field[int]):
    """A whole number from 0 to `most`; neither 2.0 nor "2" nor true (R3.4)."""

    default_error_messages = _BLANK

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(**told(options, type="integer", minimum=0, maximum=most))
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if type(value) is not int or not 0 <= value <= self.most:
            raise ValidationError(_("Please give a whole number from 0 to %(most)s.", most=self.most))
        return value


class Words(fields.Field[list[str]]):
    """A list of codes, each once."""

    default_error_messages = _BLANK

    def __init__(self, **options: Any) -> None:
        super().__init__(**told(options, type="array", items={"type": "string"}))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValidationError(_("Please choose from the list."))
        return list(dict.fromkeys(value))


class ContactForm(FormSchema):
    """协议经办人 for the whole school or one level (R3.5)."""

    level = Choice(WHOLE_SCHOOL, *LEVELS, required=True)
    name = Text(32, required=True)
    phone = Phone(required=True)
    address = Text(128, required=True)
    postcode = Postcode(required=True)


class SettingForm(FormSchema):
    """What a school may set for a cohort and module; whatever is absent stays as it is."""

    open = YesNo()
    review_mode = Choice(SCHOOL_ONLY, DEPARTMENT_FIRST)
    max_terminations = Count(MOST_TERMINATIONS)
    types = Words()
    contacts = fields.List(
        Group(ContactForm),
        error_messages={
            **_BLANK,
            "invalid": _("Please give a list of contacts."),
        },
    )
