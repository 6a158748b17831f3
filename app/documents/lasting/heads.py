"""Names of rows as heads of their cells: what the typesetter cannot say yet is written into the finished file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf

from app.documents.errors import DocumentRejected


def with_heads(pdf: bytes, blocks: Sequence[Mapping[str, Any]]) -> bytes:
    """The tagged file in which each cell that is a label is a head of its row, as readers aloud need it (PDF/UA-1).

    Heads of columns the typesetter has tagged. The same file gives the same bytes. Raises DocumentRejected when the
    cells of the file are not those of the blocks.
    """
    labels = list(_labels(blocks))
    if not any(labels):
        return pdf
    with Pdf.open(BytesIO(pdf)) as file:
        found = list(_cells(file.Root.StructTreeRoot))
        if len(labels) != len(found):
            raise DocumentRejected(f"{len(found)} cells are tagged, {len(labels)} were to be")
        for cell, is_label in zip(found, labels, strict=True):
            if is_label:
                cell.S = Name.TH
                cell.A = _heading_its_row(cell.get(Name.A))
        written = BytesIO()
        # As the typesetter packs it: only these cells are to be other than in its file.
        file.save(
            written,
            deterministic_id=True,
            compress_streams=False,
            object_stream_mode=ObjectStreamMode.preserve,
            fix_metadata_version=False,
        )
    return written.getvalue()


def _cells(element: Any) -> Iterator[Any]:
    """The cells of data below an element of the structure, in the order in which they are read."""
    below = element.get(Name.K)
    for child in below if isinstance(below, Array) else [] if below is None else [below]:
        if not isinstance(child, Dictionary):  # a number: content of the page itself
            continue
        if child.get(Name.S) == Name.TD:
            yield child
        yield from _cells(child)


def _heading_its_row(attributes: Any) -> Any:
    """What is said of the cell as part of a table, and that it heads its row."""
    said = list(attributes) if isinstance(attributes, Array) else [] if attributes is None else [attributes]
    of_table = next((one for one in said if one.get(Name.O) == Name.Table), None)
    if of_table is None:
        return Array([*said, Dictionary(O=Name.Table, Scope=Name.Row)])
    of_table.Scope = Name.Row
    return attributes


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
