"""The kinds of fields: how each is checked, described for programs, and read by people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError
from marshmallow import fields as marshmallow

from app.codes import forms
from app.codes import queries as codes
from app.destination.types.declared import Field

# A text has something to see and nothing that cannot be stored; what the checks refuse the schema refuses too.
_LINE: Final = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"
_LINES: Final = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u0008\u000b-\u001f\u007f]*$"
_ADDRESS: Final = r"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[^\s\u0000-\u001f\u007f]*)?$"
Schema = dict[str, Any]


class Kind:
    """How one kind of field behaves. A text unless said otherwise."""

    most = 64
    example: Any = ""
    format = ""

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """The marshmallow field that reads it; `options` say whether it is required."""
        return forms.Text(field.most or self.most, **options)

    def schema(self, field: Field) -> Schema:
        """Its JSON Schema: flat, with an example that is valid."""
        described: Schema = {"type": "string", "examples": [field.example or self.example]}
        return {**described, "format": self.format} if self.format else described

    def stored(self, value: Any) -> Any:
        """A checked value as it is kept in JSON."""
        return value

    def words(self, field: Field, value: Any) -> str:
        """What a person reads."""
        return str(value)


class Text(Kind):
    """One line."""

    pattern = _LINE

    def schema(self, field: Field) -> Schema:
        """A line of limited length."""
        described = {**super().schema(field), "examples": [field.example or str(_("Example"))]}
        return {**described, "minLength": 1, "maxLength": field.most or self.most, "pattern": self.pattern}


class LongText(Text):
    """Several lines."""

    most, pattern = 1000, _LINES


class Code(Kind):
    """An entry of a code table; the codes that may be chosen today are told."""

    def offered(self, field: Field) -> list[tuple[str, str]]:
        """(code, label) of what may be chosen."""
        return [
            (code, label)
            for code, label in codes.choices(field.table)
            if (not field.only or code in field.only) and code not in field.leave_out
        ]

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """One of the offered codes."""
        return _OneOf(self, field, **options)

    def schema(self, field: Field) -> Schema:
        """The codes, their labels in the same order, and the dictionary they come from."""
        offered = self.offered(field)
        described: Schema = {"type": "string", "enum": [code for code, _label in offered]}
        described["enumNames"] = [label for _code, label in offered]
        return {**described, "x-dictionary": field.table} if field.table else described

    def words(self, field: Field, value: Any) -> str:
        """The label, also of a code that has ended since."""
        return codes.label(field.table, value)


class Country(Code):
    """A country or region outside the mainland."""

    def offered(self, field: Field) -> list[tuple[str, str]]:
        """The countries, less those that the field leaves out."""
        return super().offered(field.but(table="country"))

    def schema(self, field: Field) -> Schema:
        """As a code of the table of countries."""
        return super().schema(field.but(table="country"))

    def words(self, field: Field, value: Any) -> str:
        """Its name."""
        return codes.label("country", value)


class Choice(Code):
    """One of a few answers that the field itself names."""

    def offered(self, field: Field) -> list[tuple[str, str]]:
        """As declared."""
        return list(field.choices)

    def words(self, field: Field, value: Any) -> str:
        """The label."""
        return dict(field.choices).get(value, str(value))


class Region(Kind):
    """A region of China; too many to list: the dictionary `region` has them."""

    example = "110108"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """Six digits that are in the table."""
        return forms.Region(**options)

    def schema(self, field: Field) -> Schema:
        """Six digits, with an example."""
        return {**super().schema(field), "pattern": "^[0-9]{6}$", "x-dictionary": "region"}

    def words(self, field: Field, value: Any) -> str:
        """Province, city and county."""
        return codes.region_label(value) or str(value)


class Day(Kind):
    """A day of the calendar, without a time."""

    example, format = "2027-06-30", "date"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """YYYY-MM-DD."""
        return forms.Day(**options)

    def stored(self, value: date) -> str:
        """YYYY-MM-DD."""
        return value.isoformat()


class Phone(Kind):
    """A number that can be called."""

    example, format = "010-62510000", "phone"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """Mobile, fixed line, or +country code abroad."""
        return forms.Phone(**options)


class Mail(Kind):
    """An e-mail address."""

    most, example, format = 128, "hr@example.com", "email"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """Something with an @ and a domain."""
        return forms.Email(field.most or self.most, **options)

    def schema(self, field: Field) -> Schema:
        """Of limited length."""
        return {**super().schema(field), "maxLength": field.most or self.most}


class Uri(Kind):
    """A web address."""

    most, example, format = 256, "https://shop.example.com/", "uri"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """http:// or https:// and a name."""
        return forms.WebAddress(field.most or self.most, **options)

    def schema(self, field: Field) -> Schema:
        """Of limited length, http or https."""
        return {**super().schema(field), "maxLength": field.most or self.most, "pattern": _ADDRESS}


class CreditCode(Kind):
    """A unified social credit code."""

    most, example, format = 18, "91110108MA00000070", "uscc"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """Alphabet, form and check character."""
        return forms.CreditCode(**options)


class Money(Kind):
    """Yuan, kept as text with two decimals."""

    example = "8000.00"

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """At most two decimals."""
        return forms.Money(**options)

    def schema(self, field: Field) -> Schema:
        """Digits and at most two decimals."""
        return {**super().schema(field), "pattern": "^[0-9]{1,8}(\\.[0-9]{1,2})?$"}

    def words(self, field: Field, value: Any) -> str:
        """¥8,000 or ¥8,000.50."""
        return f"¥{float(value):,.2f}".removesuffix(".00")


class Number(Kind):
    """A whole number."""

    most, example = 1_000_000, 1

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """From 0 to the most."""
        return forms.Whole(0, field.most or self.most, **options)

    def schema(self, field: Field) -> Schema:
        """An integer within bounds."""
        most = field.most or self.most
        return {"type": "integer", "minimum": 0, "maximum": most, "examples": [field.example or self.example]}


class Flag(Kind):
    """Yes or no."""

    def check(self, field: Field, **options: Any) -> marshmallow.Field[Any]:
        """True or false."""
        return forms.Flag(**options)

    def schema(self, field: Field) -> Schema:
        """A boolean."""
        return {"type": "boolean", "examples": [True]}

    def words(self, field: Field, value: Any) -> str:
        """Yes or no."""
        return str(_("yes") if value else _("no"))


class _OneOf(marshmallow.String):
    default_error_messages = {
        "required": _("Please fill this in."),
        "null": _("Please fill this in."),
        "invalid": _("This value cannot be read. Please check it."),
    }

    def __init__(self, kind: Code, field: Field, **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.declared = kind, field

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        code = super()._deserialize(value, attr, data, **options)
        if code not in dict(self.kind.offered(self.declared)):
            raise ValidationError(_("“%(code)s” is not in the list. Please choose from the list.", code=code[:32]))
        return code


KINDS: Final[Mapping[str, Kind]] = {
    "text": Text(),
    "long_text": LongText(),
    "code": Code(),
    "choice": Choice(),
    "country": Country(),
    "region": Region(),
    "date": Day(),
    "phone": Phone(),
    "email": Mail(),
    "uri": Uri(),
    "uscc": CreditCode(),
    "money": Money(),
    "number": Number(),
    "flag": Flag(),
}


def kind_of(field: Field) -> Kind:
    """The kind of a field."""
    return KINDS[field.kind]
