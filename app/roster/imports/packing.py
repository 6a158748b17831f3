"""Roster rows as PostgreSQL's COPY takes them: what is checked is packed once and streamed in later untouched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from app.crypto import decrypt
from app.database import session

# The order of a packed line. What the database fills in by itself is not packed.
COLUMNS: Final = (
    *("id", "province_id", "school_id", "department_id", "level", "cohort", "exam_number", "student_number"),
    *("name", "sex", "id_number", "id_number_index", "ethnicity", "political_status", "major", "education"),
    *("duration", "training_mode", "graduated_on", "origin_region", "hardship", "normal_student", "mobile"),
    *("email", "address", "invalid_since"),
)
NULL: Final = "\\N"
PART: Final = 1000  # rows kept together

_PLACE: Final = {name: place for place, name in enumerate(COLUMNS)}
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


def packed_bytes(value: bytes | None) -> str:
    """Bytes as COPY wants them."""
    return NULL if value is None else f"\\\\x{value.hex()}"


def lines_of(columns: Sequence[Sequence[str]]) -> list[str]:
    """Packed columns, in the order of COLUMNS, as lines."""
    return list(map("\t".join, zip(*columns, strict=True)))


def unpacked(line: str) -> dict[str, Any]:
    """A line for people: texts by column; ID number and mobile in the clear, so mask them."""
    row: dict[str, Any] = {}
    for name, cell in zip(COLUMNS, line.split("\t"), strict=True):
        if cell == NULL:
            row[name] = None
        elif name in ("id_number", "mobile"):
            row[name] = decrypt(bytes.fromhex(cell[3:]))
        else:
            row[name] = _ESCAPED.sub(lambda found: _PLAIN[found[0]], cell)
    return row


def cell_of(line: str, name: str) -> str:
    """One cell of a line as it is packed."""
    return line.split("\t")[_PLACE[name]]


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
