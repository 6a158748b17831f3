"""Shape of input: marshmallow fields that speak plain words, used by every door through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields

from app.base.forms import FormSchema as FormSchema
from app.base.forms import read as read
from app.base.forms import sort_out as sort_out
from app.base.spelling import compacted, visible
from app.base.values import Unreadable, addresses, credit_codes, days, exam_numbers, id_documents, money, names, phones
from app.codes import queries as codes


def told(options: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The options of a field with what JSON Schema says of it besides, for the description of the API."""
    return {**options, "metadata": {**more, **options.get("metadata", {})}}


Value = TypeVar("Value")


def understood(reader: Callable[[str], Value], text: str) -> Value:
    """What the reader of a kind makes of a text; raises ValidationError with its words."""
    try:
        return reader(text)
    except Unreadable as error:
        raise ValidationError([error.reason]) from None


class Text(fields.String):
    """A text of at most `most` characters; blank counts as missing."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(**told(options, maxLength=most, **({"minLength": 1} if options.get("required") else {})))
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        # Browsers send the line ends of a text area as two characters; one is stored and counted.
        text = visible(super()._deserialize(value, attr, data, **options)).replace("\r\n", "\n").strip()
        if self.required and not text:
            raise self.make_error("required")
        if len(text) > self.most:
            raise ValidationError(_("At most %(most)s characters; this has %(has)s.", most=self.most, has=len(text)))
        if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF or c == "\x7f" for c in text):
            raise ValidationError(_("This text holds characters that cannot be stored. Please type it again."))
        return text


class Code(fields.String):
    """A code of one of the code tables."""

    def __init__(self, table: str, **options: Any) -> None:
        super().__init__(**told(options, **{"x-dictionary": table}))
        self.table = table

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        code = super()._deserialize(value, attr, data, **options)
        if code and not codes.exists(self.table, code):
            raise ValidationError(_("“%(code)s” is not in the list. Please choose from the list.", code=code[:32]))
        if self.required and not code:
            raise self.make_error("required")
        return code


class Region(fields.String):
    """A region code (province, city or county) of today; with `former` also one that has ended, such as of a home region."""

    def __init__(self, *, former: bool = False, **options: Any) -> None:
        super().__init__(**told(options, **{"x-dictionary": "region"}, examples=["110108"]))
        self.former = former

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        code = compacted(super()._deserialize(value, attr, data, **options))
        if self.required and not code:
            raise self.make_error("required")
        if code and not (codes.region(code) if self.former else codes.region_exists(code)):
            raise ValidationError(_("“%(code)s” is not in the list. Please choose from the list.", code=code[:32]))
        return code


class Money(fields.Field[str | None]):
    """Yuan with at most two decimals, kept as text such as 8000.00."""

    reader = staticmethod(money.read_kept)

    def __init__(self, least: str = "0", most: str = "99999999.99", **options: Any) -> None:
        super().__init__(**told(options, type="string", pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$", examples=["8000.00"]))
        self.least, self.most = Decimal(least), Decimal(most)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str | None:
        if isinstance(value, str) and not value.strip() and not self.required:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 32:
            raise ValidationError(_("Please give an amount in yuan, such as 8000.00."))
        amount = understood(money.read, f"{value}" if isinstance(value, str) else f"{Decimal(str(value)):f}"[:64])
        if not self.least <= amount <= self.most:
            raise ValidationError(
                _(
                    "The amount must lie between %(least)s and %(most)s yuan.",
                    least=self.least,
                    most=self.most,
                )
            )
        return f"{amount:.2f}"


class Whole(fields.Field[int | None]):
    """A whole number between two bounds."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(**told(options, type="integer", minimum=least, maximum=most))
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int | None:
        if isinstance(value, str) and not value.strip() and not self.required:
            return None
        text = str(value).strip()
        if isinstance(value, bool) or not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 12:
            raise ValidationError(_("Please give a whole number."))
        if not self.least <= int(text) <= self.most:
            raise ValidationError(
                _("The number must lie between %(least)s and %(most)s.", least=self.least, most=self.most)
            )
        return int(text)


class Read(Text):
    """A text of a kind that is typed in several spellings, and kept in one; blank counts as missing."""

    most_typed = 64
    example = ""

    def __init__(self, most: int | None = None, **options: Any) -> None:
        super().__init__(
            most or self.most_typed, **told(options, **({"examples": [self.example]} if self.example else {}))
        )

    @staticmethod
    def reader(typed: str) -> str:
        """The normal form of what was typed; raises Unreadable."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        return understood(self.reader, text) if text else text


class PersonName(Read):
    """A person's name."""

    reader = staticmethod(names.person_name)


class PlaceName(Read):
    """The name of a school, department or unit."""

    reader = staticmethod(names.place_name)


class IdNumber(Read):
    """The number of an ID card, a permit or a passport."""

    reader = staticmethod(id_documents.read)


class ExamNumber(Read):
    """A 考生号."""

    reader = staticmethod(exam_numbers.read)


class CreditCode(Read):
    """A unified social credit code; an odd one is taken, the reviewer compares it with the licence."""

    reader, example = staticmethod(credit_codes.read), "91110108MA00000070"


class Phone(Read):
    """A number that can be called: mobile, fixed line, service line, or +country code abroad."""

    reader, example = staticmethod(phones.read), "010-12345678"


class AccountNumber(Read):
    """The number of a bank account."""

    reader, most_typed, example = staticmethod(money.read_account), 48, "6222020200112233445"


class BankCode(Read):
    """The number of a bank."""

    reader, most_typed, example = staticmethod(money.read_bank_code), 20, "102100099996"


class Mobile(Read):
    """A number that takes a text message."""

    reader, example = staticmethod(phones.read_mobile), "13800138000"


class Postcode(Read):
    """Six digits."""

    reader, most_typed, example = staticmethod(addresses.read_postcode), 16, "100871"


class WebAddress(Read):
    """A web address, with or without http:// in front."""

    reader, most_typed, example = staticmethod(addresses.read_web_address), 256, "https://www.example.com/"


class Email(Text):
    """An e-mail address as it was typed; `refusal` is what who gives another thing is told."""

    def __init__(
        self, most: int, *, refusal: Any = _("This is not an e-mail address. Please check it."), **options: Any
    ) -> None:
        super().__init__(most, **options)
        self.refusal = refusal

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        address = addresses.typed_email(super()._deserialize(value, attr, data, **options))
        if address and not addresses.is_email(address):
            raise ValidationError([self.refusal])
        return address


class Day(fields.Field[date | None]):
    """A day; programs write YYYY-MM-DD, people whatever can mean one day only."""

    reader = staticmethod(days.read)

    def __init__(self, **options: Any) -> None:
        super().__init__(**told(options, type="string", format="date"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date | None:
        if isinstance(value, str) and not visible(value).strip() and not self.required:
            return None
        if not isinstance(value, str) or len(value) > 64:
            raise ValidationError(_("Please give a date such as 2027-01-31."))
        return understood(days.read, value)


class Flag(fields.Boolean):
    """Yes or no."""


class Group(fields.Nested):
    """Fields that belong together, such as the position."""


class Named(fields.Dict):
    """Values by name, such as opinions by field; a problem stands at its name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **options)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow tells whether the name or the value is at fault; both are told at the name.
            told = {name: parts.get("key") or parts.get("value") for name, parts in error.messages.items()}
            raise ValidationError(told, valid_data=error.valid_data) from None
