"""The rows of a file, one or more a message, with the fields of the messages; and the answers that come back in it."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.cells import Takes, WrongCell, text_of
from app.base.errors import Invalid
from app.base.workbook import Fault, SheetKind, filled, read_sheet, refuse_other_files
from app.codes import record_fields
from app.codes.graduate_fields import in_ems
from app.ems.by_file import STUDENTS, people_of
from app.ems.messages import EmsStudent
from app.ems.students import students_by_id
from app.web.sheets import Column, cells_of, write_csv, write_ndjson, write_xlsx
from app.workflow.models import OutboxMessage

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 20_000  # read in one file: those of the largest that is written, with room
SEQUENCE, RESULT, PROBLEM = "sequence", "result", "problem"
TAKEN, REFUSED = "taken", "refused"
_MOST_FIGURES: Final = 18  # of a sequence
_UNREADABLE: Final = _("The file cannot be read. Please send xlsx, csv or ndjson as it was written.")
_HEADINGS: Final = {
    SEQUENCE: _("Sequence"),
    "removed": _("Removed"),
    "reported_at": _("Reported at"),
    RESULT: _("Result (taken or refused)"),
    PROBLEM: _("Why it was refused"),
}
_KEYS: Final = ("school", "cohort", "exam_number")
_WRITERS: Final[Mapping[str, Callable[..., None]]] = {
    "xlsx": partial(write_xlsx, typed=False),
    "csv": write_csv,
    "ndjson": write_ndjson,
}
FORMATS: Final = tuple(_WRITERS)
Row = Mapping[str, Any]


def rows_of(messages: Sequence[OutboxMessage]) -> Iterator[tuple[int, list[Row]]]:
    """Each message by its id with the rows that tell it; the people of all are read with one statement."""
    everybody = students_by_id({one for message in messages for one in people_of(message.payload)})
    place = {number: position for position, number in enumerate(everybody)}
    for message in messages:
        ids = sorted(filter(place.__contains__, people_of(message.payload)), key=place.__getitem__)
        yield message.id, _rows(message, [everybody[one] for one in ids])


def _rows(message: OutboxMessage, people: Sequence[EmsStudent]) -> list[Row]:
    """What a message tells; [] where its people are gone."""
    payload, own = message.payload, {SEQUENCE: message.id}
    if payload.get("action") == "erase":
        gone = {"school": payload["school"], "removed": "1"}
        return [{**own, **gone, "cohort": cohort, "exam_number": number} for cohort, number in payload["students"]]
    if payload.get("action", "report") != "report":
        return [{**own, **one.told(), "removed": "1" if one.removed else "0"} for one in people]
    record = payload.get("values") if payload.get("record") else payload["destination"]
    told = {**(record or {}), "reported_at": message.created_at.isoformat()}
    return [{**own, **{name: getattr(one, name) for name in (*_KEYS, "name")}, **_record(told)} for one in people]


def _record(told: Mapping[str, Any]) -> dict[str, Any]:
    return {f"record.{name}": value for name, value in told.items()}


def _columns(kind: str, *, plain: bool) -> list[Column]:
    """`plain`: by the names of the interface, for programs."""
    students = [(one.ems_key, one.label) for one in in_ems()]
    if kind == STUDENTS:
        middle = [("removed", _HEADINGS["removed"]), *students]
    else:
        keys = [pair for pair in students if pair[0] in (*_KEYS, "name")]
        fields = [(f"record.{one.name}", one.label) for one in record_fields.FIELDS[kind]]
        middle = [*keys, *fields, ("record.reported_at", _HEADINGS["reported_at"])]
    named = [(SEQUENCE, _HEADINGS[SEQUENCE]), *middle, *((name, _HEADINGS[name]) for name in (RESULT, PROBLEM))]
    return [_column(name, name.removeprefix("record.") if plain else label) for name, label in named]


def _column(name: str, label: Any) -> Column:
    return Column(label, lambda row: row.get(name), 18)


def written(kind: str, form: str, rows: Iterable[Row], origin: str) -> bytes:
    """The file."""
    file, columns = io.BytesIO(), _columns(kind, plain=form == "ndjson")
    _WRITERS[form](file, columns, cells_of(columns, rows), origin)
    return file.getvalue()


def answers_in(content: bytes) -> Iterator[tuple[int, bool, str]]:
    """Sequence, whether taken, and why not, of each row that says so; the others still wait.

    Taken are xlsx, csv and ndjson, as they were written. Raises Invalid at `file`, TooLarge.
    """
    words = _words()
    for number, row in enumerate(_read(content), start=2):
        said = str(row.get(RESULT) or "").strip()
        if not said:
            continue
        word, sequence = words.get(said), str(row.get(SEQUENCE) or "").strip()
        if word is None or not sequence.isdecimal() or len(sequence) > _MOST_FIGURES:
            raise Invalid({"file": [_("Row %(row)s: the sequence or the result cannot be read.", row=number)]})
        yield int(sequence), word == TAKEN, _storable(str(row.get(PROBLEM) or "")).strip()[:500]


def _storable(text: str) -> str:
    """Without NUL and half characters, which the database refuses: what else a reason says is kept."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _words() -> dict[str, str]:
    return {TAKEN: TAKEN, REFUSED: REFUSED, str(_("taken there")): TAKEN, str(_("refused there")): REFUSED}


def _read(content: bytes) -> Iterator[Row]:
    names = {str(_HEADINGS[name]): name for name in (SEQUENCE, RESULT, PROBLEM)}
    names |= {name: name for name in (SEQUENCE, RESULT, PROBLEM)}
    if content[:2] == b"PK":
        return _from_xlsx(content, names)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # "Unicode text": columns without commas
        raise Invalid({"file": [_UNREADABLE]})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")  # as spreadsheet programs save CSV here
    if text.lstrip()[:1] == "{":
        return _from_ndjson(text)
    return _named(_lines(text), names)


def _lines(text: str) -> Iterator[list[str]]:
    """The rows of a CSV, whatever ends its lines."""
    try:
        yield from csv.reader(io.StringIO(text, newline=None))
    except csv.Error:
        raise Invalid({"file": [_UNREADABLE]}) from None


def _from_ndjson(text: str) -> Iterator[Row]:
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        rows = [None]
    if not all(isinstance(row, dict) for row in rows):
        raise Invalid({"file": [_UNREADABLE]})
    return iter(rows)


def _from_xlsx(content: bytes, names: Mapping[str, str]) -> Iterator[Row]:
    kind = SheetKind(
        "",
        most_rows=MOST_ROWS,
        most_bytes=MOST_BYTES,
        most_unpacked=200 * 1024 * 1024,
        most_members=100,
        longest_string=2000,
        marks=tuple(names),
        headings=("",) * 60,
    )
    refuse_other_files(content, kind)
    try:
        rows = read_sheet(content, kind).rows
        cells = [[text_of(cell, Takes.WHOLE) for cell in row] for _number, row in filled(rows)]
    except (Fault, WrongCell) as wrong:
        raise Invalid({"file": [wrong.text]}) from wrong
    return _named(iter([[str(cell) for cell in rows[0]] if rows else [], *cells]), names)


def _named(rows: Iterator[list[str]], names: Mapping[str, str]) -> Iterator[Row]:
    head = [names.get(cell.strip(), "") for cell in next(rows, [])]
    if not {SEQUENCE, RESULT} <= set(head):
        raise Invalid({"file": [_("The columns of sequence and result are missing.")]})
    return ({name: cell for name, cell in zip(head, row, strict=False) if name} for row in rows)
