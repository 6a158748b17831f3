"""Checked rows on their way into the roster: kept as plain lines in encrypted parts, sealed when they are streamed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from app.base.crypto import blind_index, encrypt_many
from app.base.database import session
from app.roster.intake import level_of

# What a kept line holds, as COPY writes texts; a part of such lines is encrypted as a whole.
KEPT: Final = (
    *("id", "department_id", "cohort", "exam_number", "student_number", "name", "sex", "id_number", "ethnicity"),
    *("political_status", "major", "education", "duration", "training_mode", "graduated_on", "origin_region"),
    *("hardship", "normal_student", "mobile", "email", "address", "invalid_since"),
)
# What goes into the roster: ID number and mobile sealed one by one, and what follows from the rest.
COLUMNS: Final = (*KEPT, "id_number_index", "province_id", "school_id", "level")
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


def unpacked(line: str) -> dict[str, Any]:
    """A kept line for people: texts by column; ID number and mobile in the clear, so mask them."""
    cells = zip(KEPT, line.split("\t"), strict=True)
    return {name: None if cell == NULL else _ESCAPED.sub(lambda found: _PLAIN[found[0]], cell) for name, cell in cells}


def sealed(content: str, province_id: int, school_id: int) -> str:
    """A part's lines as they go into the roster of a school; the order is that of COLUMNS."""
    lines = content.split("\n")
    columns: dict[str, Sequence[str]] = dict(
        zip(KEPT, zip(*(line.split("\t") for line in lines), strict=True), strict=True)
    )
    numbers, mobiles = columns["id_number"], columns["mobile"]
    calls = iter(encrypt_many([mobile for mobile in mobiles if mobile != NULL]))
    columns |= {
        "id_number": [_bytes(one) for one in encrypt_many(numbers)],
        "id_number_index": [_bytes(blind_index(number)) for number in numbers],
        "mobile": [NULL if mobile == NULL else _bytes(next(calls)) for mobile in mobiles],
        "province_id": [str(province_id)] * len(lines),
        "school_id": [str(school_id)] * len(lines),
        "level": [level_of(education) for education in columns["education"]],
    }
    return "\n".join(map("\t".join, zip(*(columns[name] for name in COLUMNS), strict=True)))


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
