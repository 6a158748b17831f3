"""Search filters of lists and of the API: values are checked, wildcards in them mean themselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter
from flask_babel import lazy_gettext as _
from sqlalchemy import Text, and_, bindparam, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import ARRAY

from app.base.clock import SHANGHAI
from app.base.crypto import blind_index
from app.base.errors import Malformed
from app.base.spelling import visible
from app.base.values import Unreadable, days
from app.base.values.credit_codes import is_credit_code, normalise_credit_code
from app.base.values.id_documents import normalise
from app.base.values.names import person_name, place_name
from app.web.current import actor_or_none

_WIDTHS: Final = "NFKC"  # in this form of Unicode a sign has one width
LONGEST_TEXT = 200  # nothing that is searched is longer, and a pattern of kilobytes costs the database
_HAS_TIME = re.compile(r"[0-9]:[0-9]|[0-9]T[0-9]")
_PLACE = ("province_id", "school_id")  # scope columns that a case shares with its graduate for ever
_TRUE, _FALSE = {"y", "yes", "true", "1", "on"}, {"n", "no", "false", "0", "off"}


def escaped(text: str) -> str:
    """The text with LIKE's wildcards taken literally (the escape character is a backslash)."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def as_text(value: Any) -> str:
    """A searched text; raises Malformed for what no text column can hold."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Malformed(_("A search value must be a text."))
    text = visible(str(value)).strip()
    if "\x00" in text or len(text) > LONGEST_TEXT or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Malformed(_("The search text is too long or holds signs that cannot be searched."))
    return text


def as_number(value: Any) -> int:
    """A searched whole number; raises Malformed."""
    try:
        number = int(str(value))
    except ValueError:
        raise Malformed(_("“%(value)s” is not a whole number.", value=str(value)[:40])) from None
    if isinstance(value, bool) or abs(number) >= 2**63:
        raise Malformed(_("“%(value)s” is not a whole number.", value=str(value)[:40]))
    return number


def as_flag(value: Any) -> bool:
    """A searched yes or no; raises Malformed."""
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        raise Malformed(_("“%(value)s” is neither yes nor no.", value=text[:40]))
    return text in _TRUE


def as_day(value: Any) -> date:
    """A searched day; raises Malformed."""
    try:
        return days.read(str(value)[:LONGEST_TEXT])
    except Unreadable:
        raise Malformed(_("“%(value)s” is not a date (YYYY-MM-DD).", value=str(value)[:40])) from None


def as_span(value: Any) -> tuple[datetime, datetime]:
    """First and last moment (exclusive) that a searched day or time means in China; raises Malformed."""
    text = str(value)
    if _HAS_TIME.search(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Malformed(_("“%(value)s” is not a time (ISO 8601).", value=text[:40])) from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        return _span(moment, timedelta(microseconds=1))
    return _span(datetime.combine(as_day(text), datetime.min.time(), SHANGHAI), timedelta(days=1))


def _span(start: datetime, length: timedelta) -> tuple[datetime, datetime]:
    try:
        # In UTC, as it is stored: a zone may lead out of the calendar too.
        return start.astimezone(UTC), (start + length).astimezone(UTC)
    except OverflowError:
        raise Malformed(_("“%(value)s” lies at the end of the calendar.", value=start.isoformat()[:40])) from None


class Bound(NamedTuple):
    """A condition that is the same object at every request, and the values of its parameters."""

    condition: Any
    values: Mapping[str, Any]


@lru_cache(maxsize=1024)
def equal_to(model: Any, column: str, name: str) -> Any:
    """The condition that a column is the parameter of this name."""
    own = getattr(model, column)
    return own == bindparam(name, type_=own.type)


@lru_cache(maxsize=1024)
def one_among(model: Any, column: str, name: str) -> Any:
    """The condition that a column is one of the list of this name."""
    own = getattr(model, column)
    return own.in_(bindparam(name, type_=own.type, expanding=True))


class SearchFilter(BaseFilter):
    """A filter on one column that knows how to read its values."""

    def typed(self, value: Any) -> Any:
        """The value as the column's type; raises Malformed."""
        model, column = self.datamodel, self.column_name
        if model.is_boolean(column):
            return as_flag(value)
        if model.is_integer(column):
            return as_number(value)
        if model.is_datetime(column):
            return as_span(value)
        if model.is_date(column):
            return as_day(value)
        return as_text(value)

    @property
    def column(self) -> Any:
        return getattr(self.model, self.column_name)

    def condition(self, value: Any) -> Any:
        """The SQL condition for one value as it was sent; raises Malformed."""
        raise NotImplementedError

    def apply(self, query: Any, value: Any) -> Any:
        """FAB's call: the query narrowed by the condition."""
        return query.filter(self.condition(value))

    def bound(self, value: Any, name: str) -> Bound | None:
        """The same with a parameter of this name in the place of the value; None where it takes more than that."""
        del value, name
        return None


class Contains(SearchFilter):
    """The text occurs somewhere in the column, as brackets, widths and capitals are typed here or there."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """LIKE with the wildcards of the value escaped, both sides in signs of one width."""
        text = unicodedata.normalize(_WIDTHS, as_text(value))
        kept = func.normalize(self.column, literal_column(_WIDTHS))
        return kept.ilike(f"%{escaped(text)}%", escape="\\")


class ContainsCharacters(Contains):
    """The text occurs in a person's name; answered by the GIN index over the name's characters.

    A reader of one school is answered from the school's own index: how many in the country are called so costs nothing.
    """

    spelling = staticmethod(person_name)

    def condition(self, value: Any) -> Any:
        """All characters are there (the index) and stand in that order (the check); capitals do not matter."""
        text = self.spelling(as_text(value))
        in_order = self.column.ilike(f"%{escaped(text)}%", escape="\\")
        actor = actor_or_none()
        if actor is not None and actor.school_id is not None and hasattr(self.model, "school_id"):
            return in_order
        characters = func.string_to_array(self.column, literal(None, Text), type_=ARRAY(Text))
        one_case = sorted({sign for sign in text if sign.lower() == sign.upper()})
        there = characters.contains(cast(one_case, ARRAY(Text)))
        return and_(there, in_order)


class ContainsPlace(ContainsCharacters):
    """The text occurs in the name of a school, department or unit."""

    spelling = staticmethod(place_name)


class ContainsUnit(ContainsPlace):
    """The text occurs in the name of a unit, or is its credit code."""

    def condition(self, value: Any) -> Any:
        """The one unit of a credit code; else by the name."""
        code = normalise_credit_code(as_text(value))
        if is_credit_code(code):
            return getattr(self.model, self.column_name.replace("name", "uscc")) == code
        return super().condition(value)


class EqualName(ContainsCharacters):
    """The whole name of a person, in whichever of its spellings."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """The same characters from the first to the last; capitals do not matter."""
        whole = self.spelling(as_text(value)).lower()
        return and_(super().condition(value), func.lower(self.column) == whole)


class EqualPlace(EqualName):
    """The whole name of a school, department or unit."""

    spelling = staticmethod(place_name)


class StartsWith(SearchFilter):
    """The column begins with the text."""

    name, arg_name = _("starts with"), "sw"

    def condition(self, value: Any) -> Any:
        """LIKE on a prefix, which a text_pattern_ops index answers."""
        return self.column.like(f"{escaped(as_text(value))}%", escape="\\")


class Equal(SearchFilter):
    """The column is exactly the value; a day means that whole day in China."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Equality, or a half-open span for times."""
        typed = self.typed(value)
        if isinstance(typed, tuple):
            return and_(self.column >= typed[0], self.column < typed[1])
        return self.column == typed

    def bound(self, value: Any, name: str) -> Bound | None:
        """Of one value that is neither a span nor yes or no."""
        if type(self) is not Equal or isinstance(value, list):
            return None
        typed = self.typed(value)
        return (
            None
            if isinstance(typed, tuple | bool)
            else Bound(equal_to(self.model, self.column_name, name), {name: typed})
        )


class NotEqual(Equal):
    """The column is anything but the value."""

    name, arg_name = _("is not"), "neq"

    def condition(self, value: Any) -> Any:
        """The opposite of Equal."""
        return ~super().condition(value)


class Greater(SearchFilter):
    """The column is later or larger than the value."""

    name, arg_name = _("after"), "gt"

    def condition(self, value: Any) -> Any:
        """Strictly larger; for a day, from the next day on."""
        typed = self.typed(value)
        return self.column >= typed[1] if isinstance(typed, tuple) else self.column > typed


class Since(SearchFilter):
    """The column is later than the moment, or of that day and after: for those who ask again and again."""

    name, arg_name = _("since"), "since"

    def condition(self, value: Any) -> Any:
        """After the moment; for a day, from its beginning on."""
        start, end = as_span(value)
        return self.column > start if end - start < timedelta(days=1) else self.column >= start


class Smaller(SearchFilter):
    """The column is earlier or smaller than the value."""

    name, arg_name = _("before"), "lt"

    def condition(self, value: Any) -> Any:
        """Strictly smaller; for a day, until the day before."""
        typed = self.typed(value)
        return self.column < (typed[0] if isinstance(typed, tuple) else typed)


class OneOf(SearchFilter):
    """The column is one of the values; a single value may be sent bare."""

    name, arg_name = _("is one of"), "in"

    def condition(self, value: Any) -> Any:
        """Membership in a short list."""
        return self.column.in_(self._each(value))

    def bound(self, value: Any, name: str) -> Bound | None:
        """Of these alone: who derives from it means something else."""
        if type(self) is not OneOf:
            return None
        return Bound(one_among(self.model, self.column_name, name), {name: self._each(value)})

    def _each(self, value: Any) -> list[Any]:
        values = value if isinstance(value, list | tuple) else [value]
        if len(values) > 100:
            raise Malformed(_("At most 100 values can be searched at once."))
        typed = [self.typed(one) for one in values]
        if any(isinstance(one, tuple) for one in typed):
            raise Malformed(_("Times cannot be searched by a list."))
        return typed


class SealedEqual(SearchFilter):
    """An encrypted column is exactly the value; found by its blind index, the column `<name>_index`."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Equality of the keyed index."""
        return getattr(self.model, f"{self.column_name}_index") == blind_index(normalise(as_text(value)))


class SealedContains(SearchFilter):
    """A text that a record keeps encrypted holds the value: the records that the other filters leave are opened."""

    name, arg_name = _("contains"), "ct"
    opens = True  # the list applies it last
    most = 50_000  # some seconds

    def apply(self, query: Any, value: Any) -> Any:
        """Narrowed to those in which it was found; raises Malformed where too many would have to be opened."""
        searched, key = as_text(value), self.datamodel.get_pk()
        rows = query.with_entities(key, self.model.data).order_by(None).limit(self.most + 1).all()
        if len(rows) > self.most:
            raise Malformed(
                _("Addresses are kept encrypted and are looked through in at most %(most)s records. Please narrow the "
                  "list first, such as by school, type or place.", most=self.most)
            )  # fmt: skip
        return query.filter(key.in_([row[0] for row in rows if searched in (row[1].get(self.column_name) or "")]))


def related(relation: str, column: str, kind: type[SearchFilter]) -> type[SearchFilter]:
    """A filter on a column of a related row, e.g. related("graduate", "name", ContainsCharacters).

    The search column that carries it has a name of its own, such as graduate_name; the model need not have it.
    """

    class Related(SearchFilter):
        name, arg_name = kind.name, kind.arg_name

        def condition(self, value: Any) -> Any:
            """EXISTS over the related row; no join, so counts and order stay as they are."""
            attribute = getattr(self.model, relation)
            target = self.datamodel.get_related_interface(relation)
            return attribute.has(and_(kind(column, target).condition(value), *self._same_place(target.obj)))

        def _same_place(self, target: Any) -> list[Any]:
            # Both rows lie in the same school; said aloud, the search reads one school and not the whole country.
            names = [name for name in _PLACE if hasattr(target, name) and hasattr(self.model, name)]
            return [getattr(target, name) == getattr(self.model, name) for name in names]

    Related.__name__ = f"{kind.__name__}Of{relation.title()}{column.title()}"
    return Related


class SearchConverter(BaseFilterConverter):
    """Which filters a column offers; the first is what a list's search field uses. Relations offer none."""

    conversion_table: tuple[tuple[str, list[type[SearchFilter]]], ...] = (
        ("is_relation", []),
        ("is_boolean", [Equal]),
        ("is_text", [Contains, StartsWith, Equal, NotEqual, OneOf]),
        ("is_string", [Contains, StartsWith, Equal, NotEqual, OneOf]),
        ("is_integer", [Equal, Greater, Smaller, NotEqual, OneOf]),
        ("is_date", [Equal, Greater, Smaller]),
        ("is_datetime", [Equal, Greater, Smaller, Since]),
    )

    def convert(self, col_name: str) -> list[SearchFilter]:
        """The filters of a column; none for relations, secrets and documents."""
        for test, kinds in self.conversion_table:
            if getattr(self.datamodel, test)(col_name):
                return [kind(col_name, self.datamodel) for kind in kinds]
        return []
