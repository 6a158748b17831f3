"""Checked rows on their way into the roster: kept as plain lines in encrypted parts, sealed when they are streamed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from app.base.crypto import blind_index, seal_many
from app.base.database import session
from app.codes.graduate_fields import in_sheet
from app.roster.services.intake import level_of

# What a kept line holds, as COPY writes texts; a part of such lines is encrypted as a whole.
_FIELDS: Final = tuple(field for field in in_sheet() if not field.related)
KEPT: Final = (
    *("id", "department_id", "cohort"),
    *(field.name for field in _FIELDS if field.name != "cohort"),
    "invalid_since",
)
SEALED: Final = tuple(field.name for field in _FIELDS if field.encrypted)
_INDEXES: Final = {field.index_name: field.name for field in _FIELDS if field.indexed}
# What goes into the roster: encrypted fields sealed one by one, and what follows from the rest.
COLUMNS: Final = (*KEPT, *_INDEXES, "province_id", "school_id", "level")
NULL: Final = "\\N"
PART: Final = 1000  # rows kept together

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_PLAIN: Final = {escape: sign for sign, escape in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\[\\tnr]")
_Item = TypeVar("_Item")


def packed_text(value: str | None) -> str:
    """One text as COPY wants it."""
    if value is None:
        return NULL
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], value)


def packed_texts(values: Sequence[str | None]) -> list[str]:
    """A column of texts; nearly all need no escape, which one look at the whole column shows."""
    plain = [value for value in values if value is not None]
    if len(plain) == len(values) and not _SPECIAL.search("\0".join(plain)):
        return plain
    return [packed_text(value) for value in values]


def lines_of(columns: Sequence[Sequence[str]]) -> list[str]:
    """Packed columns, in the order of KEPT, as lines."""
    return list(map("\t".join, zip(*columns, strict=True)))


class OtherFields(Exception):
    """The lines were kept when the list of fields was another one."""


def unpacked(line: str) -> dict[str, Any]:
    """A kept line for people: texts by column; encrypted fields in the clear, so mask them. Raises OtherFields."""
    return {name: None if cell == NULL else _text(cell) for name, cell in zip(KEPT, _cells(line), strict=True)}


def _text(cell: str) -> str:
    return _ESCAPED.sub(lambda found: _PLAIN[found[0]], cell) if "\\" in cell else cell


def _cells(line: str) -> list[str]:
    cells = line.split("\t")
    if len(cells) != len(KEPT):
        raise OtherFields()
    return cells


def sealed(content: str, province_id: int, school_id: int) -> str:
    """A part's lines as they go into the roster of a school; the order is that of COLUMNS. Raises OtherFields."""
    lines = content.split("\n")
    columns: dict[str, Sequence[str]] = dict(zip(KEPT, zip(*map(_cells, lines), strict=True), strict=True))
    columns |= {
        **{index: [_index(value) for value in columns[name]] for index, name in _INDEXES.items()},
        **{name: _encrypted(name, columns["id"], columns[name]) for name in SEALED},
        "province_id": [str(province_id)] * len(lines),
        "school_id": [str(school_id)] * len(lines),
        "level": [level_of(education) for education in columns["education"]],
    }
    return "\n".join(map("\t".join, zip(*(columns[name] for name in COLUMNS), strict=True)))


def _encrypted(name: str, ids: Sequence[str], values: Sequence[str]) -> list[str]:
    filled = [(row, _text(value)) for row, value in zip(ids, values, strict=True) if value != NULL]
    calls = iter(seal_many(f"graduates.{name}", [row for row, _value in filled], [value for _row, value in filled]))
    return [NULL if value == NULL else _bytes(next(calls)) for value in values]


def _index(value: str) -> str:
    return NULL if value == NULL else _bytes(blind_index(_text(value)))


def _bytes(value: bytes) -> str:
    return f"\\\\x{value.hex()}"


def stream_in(table: str, columns: Sequence[str], blocks: Iterable[str]) -> None:
    """COPY packed lines into a table, in the running transaction."""
    session.flush()
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for block in blocks:
            if block:
                copy.write(block + "\n")


def any_of(ids: Sequence[int]) -> Any:
    """The ids for `column == any_of(ids)`: one parameter however many there are."""
    return any_(literal(list(ids), ARRAY(BigInteger)))


def in_parts(items: Iterable[_Item], size: int = PART) -> Iterator[list[_Item]]:
    """The items in lists of `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
