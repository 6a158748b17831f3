"""Names of rows as heads of their cells: what the typesetter cannot say yet is written into the finished file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.documents.errors import DocumentRejected

_CELL: Final = re.compile(rb"\n\d+ 0 obj\n<</Type/StructElem/S/(TD)/P \d+ 0 R/A\[<</O/Table(?=[/>])")
_TABLE: Final = re.compile(rb"\nxref\n0 \d+\n((?:\d{10} \d{5} [nf] ?[\r\n]{1,2})+)")
_START: Final = re.compile(rb"startxref\n(\d+)\n")
_SCOPE: Final = b"/Scope/Row"


def with_heads(pdf: bytes, blocks: Sequence[Mapping[str, Any]]) -> bytes:
    """The tagged file in which each cell that is a label is a head of its row, as readers aloud need it (PDF/UA-1).

    Heads of columns the typesetter has tagged. Raises DocumentRejected when the cells of the file are not those of the
    blocks.
    """
    labels, found = list(_labels(blocks)), list(_CELL.finditer(pdf))
    if len(labels) != len(found):
        raise DocumentRejected(f"{len(found)} cells are tagged, {len(labels)} were to be")
    heads = [cell for cell, is_label in zip(found, labels, strict=True) if is_label]
    if not heads:
        return pdf
    parts, done = [], 0
    for cell in heads:
        parts += [pdf[done : cell.start(1)], b"TH", pdf[cell.end(1) : cell.end()], _SCOPE]
        done = cell.end()
    return _with_places(b"".join([*parts, pdf[done:]]), [cell.end() for cell in heads])


def _labels(blocks: Sequence[Mapping[str, Any]]) -> Iterator[bool]:
    """Of each cell that the typesetter tags as one of the data, in order, whether it is a label."""
    for block in blocks:
        if block["t"] == "section":
            yield from _labels(block["blocks"])
        elif block["t"] == "table":
            for row in block["rows"][1 if is_headed(block) else 0 :]:
                yield from (bool(cell["head"]) for cell in row["cells"])


def is_headed(table: Mapping[str, Any]) -> bool:
    """Whether the first row of a table names its columns; the frame asks the same."""
    rows = table["rows"]
    return len(rows) > 1 and len(rows[0]["cells"]) > 1 and all(cell["head"] for cell in rows[0]["cells"])


def _with_places(pdf: bytes, grown: Sequence[int]) -> bytes:
    """The table of places once more, after each of these places of the old file has grown."""
    table = next(_TABLE.finditer(pdf), None)
    start = next(_START.finditer(pdf), None)
    if table is None or start is None:
        raise DocumentRejected("the file has no table of its parts")

    def moved(old: int) -> int:
        return old + len(_SCOPE) * bisect_left(grown, old)

    lines = re.findall(rb"(\d{10})( \d{5} ([nf]) ?[\r\n]{1,2})", table[1])
    rows = (b"%010d" % (moved(int(place)) if kind == b"n" else int(place)) + rest for place, rest, kind in lines)
    head, between = pdf[: table.start(1)], pdf[table.end(1) : start.start(1)]
    return b"".join([head, *rows, between, b"%d" % moved(int(start[1])), pdf[start.end(1) :]])
