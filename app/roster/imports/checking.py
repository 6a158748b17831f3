"""Checks a sheet column by column: each distinct cell once, by the fields of StudentForm, which hold all rules.

Cells in the plain form that nearly all have are recognised by a pattern instead; a test shows that the form would
have taken them unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError
from xlsxwriter.utility import xl_col_to_name

from app.base import clock
from app.base.cells import WrongCell, is_error, text_of
from app.base.cohorts import is_operable
from app.base.forms import statements_of
from app.base.spelling import invisible_in, visible
from app.base.values import Unreadable, id_documents
from app.base.values.id_numbers import birth_date, id_check_digit
from app.base.workbook import filled
from app.codes.fields import Field, Kind
from app.roster.forms import StudentForm
from app.roster.imports.columns import (
    FIELDS,
    HEADING_OF,
    HEADINGS,
    LATER,
    NAMES_OF,
    OPTIONAL,
    SHEET,
    TAKES,
)
from app.roster.services.intake import level_of

Value = Any  # the cleaned text, for the cohort a number; None where an optional cell was left empty
Progress = Callable[[int], None]

MOST_PROBLEMS = 2000  # kept and shown; all are counted
_PLAIN: Final = {
    Kind.EXAM_NUMBER: r"[0-9A-Z]{10,20}",
    Kind.PERSON_NAME: r"[\u4e00-\u9fa5]{2,20}",
    Kind.PHONE: r"1[3-9][0-9]{9}",
    Kind.EMAIL: r"(?=[^@]{1,64}@)[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*@[0-9A-Za-z]{1,40}\.[a-z]{2,10}",
}
_SHOWS_ERROR = _(
    "This cell shows an error such as #N/A and is taken as empty; for students on the roster the old value stays."
)
_ID_FORM = re.compile(r"[0-9]{17}[0-9X]").fullmatch


def _plain_form(field: Field) -> Callable[[str], Any] | None:
    pattern = _PLAIN.get(field.kind)
    if field.kind is Kind.TEXT and field.shape is None:
        pattern = rf"[0-9A-Za-z\u4e00-\u9fa5-]{{1,{field.most}}}"
    return re.compile(pattern).fullmatch if pattern else None


_QUICK: Final = {field.name: _plain_form(field) for field in SHEET}


@dataclass(frozen=True)
class Problem:
    """Something wrong or odd in the sheet; row 0 is the sheet as a whole."""

    row: int
    column: str
    text: Any

    def as_json(self) -> dict[str, Any]:
        """In the shape of the interface, in the reader's language."""
        return {"row": self.row, "column": self.column, "message": str(self.text)}


@dataclass
class Checked:
    """The rows of a sheet, column by column, and what is wrong with them."""

    numbers: list[int] = field(default_factory=list)  # row numbers as Excel shows them
    columns: dict[str, list[Value]] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    odd: list[Problem] = field(default_factory=list)  # what was passed over
    read_from_form: list[int] = field(default_factory=list)  # rows whose kind of document only the number tells

    @property
    def count(self) -> int:
        """How many students the sheet holds."""
        return len(self.numbers)


@dataclass(frozen=True)
class Rules:
    """What the account may bring: one school, all levels or one."""

    school_code: str
    level: str  # all, undergraduate, postgraduate


def check_rows(rows: Sequence[Sequence[Any]], rules: Rules, progress: Progress | None = None) -> Checked:
    """Check all rows of a sheet, the headings included; writes nothing."""
    checked = Checked()
    checked.errors = _check_headings(rows)
    if checked.errors:
        return checked
    students = filled(rows)
    if not students:
        checked.errors = [Problem(2, "", _("The sheet holds no students. Please fill in the template."))]
        return checked
    checked.numbers = [number for number, _row in students]
    cells: list[Sequence[Any]] = [*zip(*(row for _number, row in students), strict=True)]
    # A sheet may end before the columns that came later.
    cells += [(None,) * checked.count] * (len(FIELDS) - len(cells))
    for done, (name, column) in enumerate(zip(FIELDS, cells, strict=False), start=1):
        _check_column(checked, name, column)
        if progress is not None:
            progress(checked.count * done // len(FIELDS))
    _settle_documents(checked)
    _check_scope(checked, rules)
    _check_doubles(checked)
    checked.errors.sort(key=lambda problem: (problem.row, HEADINGS.index(problem.column)))
    return checked


def _check_headings(rows: Sequence[Sequence[Any]]) -> list[Problem]:
    found = [str(cell).strip() if cell is not None else "" for cell in rows[0]] if rows else []
    problems = []
    for place, name in enumerate(FIELDS):
        there, heading = found[place] if place < len(found) else "", HEADING_OF[name]
        if there in NAMES_OF[name] or (name in LATER and _is_blank(rows, place)):
            continue
        problems.append(Problem(1, heading, _wrong_heading(xl_col_to_name(place), heading, there)))
    extra = next((place for place in range(len(HEADINGS), len(found)) if any(row[place] for row in rows)), None)
    if extra is not None:
        letter = xl_col_to_name(extra)
        problems.append(
            Problem(
                1,
                letter,
                _("There is something in column %(column)s, which the template does not have.", column=letter),
            )
        )
    return problems


def _is_blank(rows: Sequence[Sequence[Any]], place: int) -> bool:
    return not any(row[place] for row in rows if place < len(row))


def _wrong_heading(letter: str, wanted: str, there: str) -> Any:
    if not there:
        return _(
            "Column %(column)s must be “%(wanted)s”, but is missing. Please use the template.",
            column=letter,
            wanted=wanted,
        )
    return _(
        "Column %(column)s must be “%(wanted)s”, but is “%(there)s”. Please use the template.",
        column=letter,
        wanted=wanted,
        there=there[:40],
    )


def _check_column(checked: Checked, name: str, cells: Sequence[Any]) -> None:
    cleaner = _Cleaner(name)
    all_text = set(map(type, cells)) == {str}
    if all_text and cleaner.plain is not None and all(map(cleaner.plain, cells)):
        checked.columns[name] = list(cells)
        return
    # Not by the cell alone: 1, 1.0 and TRUE would be one key.
    keys = cells if all_text else [cell if type(cell) is str else (type(cell).__name__, cell) for cell in cells]
    memo: dict[Any, Value] = {}
    wrong: dict[Any, Any] = {}
    for key in set(keys):
        try:
            memo[key] = cleaner.clean(key if type(key) is str else key[1])
        except (WrongCell, ValidationError) as error:
            memo[key], wrong[key] = None, _words(error)
    checked.columns[name] = [memo[key] for key in keys]
    odd = {key: words for key in memo if (words := _odd_cell(name, key if type(key) is str else key[1]))}
    if wrong or odd:
        placed = [
            (number, key) for number, key in zip(checked.numbers, keys, strict=True) if key in wrong or key in odd
        ]
        heading = HEADING_OF[name]
        checked.errors += [Problem(number, heading, wrong[key]) for number, key in placed if key in wrong]
        checked.odd += [Problem(number, heading, odd[key]) for number, key in placed if key in odd]


def _odd_cell(name: str, cell: Any) -> Any | None:
    """What is said of a cell that is taken, but not as it came; None of others."""
    if name in OPTIONAL and is_error(cell):
        return _SHOWS_ERROR
    unseen = invisible_in(cell) if isinstance(cell, str) else []
    if unseen:
        return _("Characters that nobody sees were taken out of this cell: %(signs)s.", signs=" ".join(unseen))
    return None


def _words(error: WrongCell | ValidationError) -> Any:
    if isinstance(error, WrongCell):
        return error.text
    return statements_of(error)[0]


class _Cleaner:
    """Cleans the cells of one column."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.field = StudentForm().fields[name]
        self.plain = self._is_plain_id if name == "id_number" else _QUICK[name]
        self.today = clock.today()
        self.birthdays: dict[str, bool] = {}

    def clean(self, cell: Any) -> Value:
        """The value as it is kept; raises WrongCell or ValidationError."""
        if type(cell) is str and self.plain is not None and self.plain(cell):
            return cell
        if self.name in OPTIONAL and is_error(cell):
            return None
        text = visible(text_of(cell, TAKES[self.name])).strip()
        if self.name in OPTIONAL and not text:
            return None
        value = self.field.deserialize(text)
        if isinstance(value, str) and ("\n" in value or "\t" in value):
            raise ValidationError([_("This cell holds a line break or a tab. Please write it in one line.")])
        return value.isoformat() if isinstance(value, date) else value

    def _is_plain_id(self, text: str) -> bool:
        """The same checks as is_id_number(), each birthday looked at once."""
        if not _ID_FORM(text):
            return False
        day = text[6:14]
        if day not in self.birthdays:
            born = birth_date(text)
            self.birthdays[day] = born is not None and date(1900, 1, 1) <= born <= self.today
        return self.birthdays[day] and id_check_digit(text[:17]) == text[17]


def _settle_documents(checked: Checked) -> None:
    """The kind of each number, where the sheet does not say it, and whether the two go together."""
    pairs = list(zip(checked.columns["id_number"], checked.columns["id_type"], strict=True))
    kinds: dict[tuple[Value, Value], Value] = {}
    wrong: dict[tuple[Value, Value], Any] = {}
    for number, kind in set(pairs):
        try:
            kinds[number, kind] = id_documents.settled(number, kind) if number else kind
        except Unreadable as error:
            wrong[number, kind] = error.reason
    checked.read_from_form = [
        row
        for row, (number, kind) in zip(checked.numbers, pairs, strict=True)
        if number and not kind and id_documents.is_guess(number)
    ]
    checked.columns["id_type"] = [kinds.get(pair) for pair in pairs]
    for row, pair in zip(checked.numbers, pairs, strict=True) if wrong else ():
        if pair in wrong:
            checked.errors.append(Problem(row, HEADING_OF["id_number"], wrong[pair]))


def _check_scope(checked: Checked, rules: Rules) -> None:
    """Own school, own level, a cohort that is not over."""
    other_school = _("This is not the code of your school, which is %(code)s.", code=rules.school_code)
    _refuse(checked, "school", lambda code: code != rules.school_code, other_school)
    _refuse(
        checked,
        "cohort",
        lambda cohort: not is_operable(cohort),
        _("The roster of this cohort cannot be changed: its season is over or has not begun."),
    )
    if rules.level != "all":
        other_level = _("Your account is in charge of the other level. Please leave these students to your colleagues.")
        _refuse(checked, "education", lambda code: level_of(code) != rules.level, other_level)


def _refuse(checked: Checked, name: str, is_wrong: Callable[[Any], bool], text: Any) -> None:
    values = checked.columns[name]
    wrong = {value for value in set(values) if value is not None and is_wrong(value)}
    if wrong:
        heading = HEADING_OF[name]
        checked.errors += [
            Problem(number, heading, text)
            for number, value in zip(checked.numbers, values, strict=True)
            if value in wrong
        ]


def _check_doubles(checked: Checked) -> None:
    """The same student twice in one sheet: nobody could say which row counts."""
    keys = list(zip(checked.columns["cohort"], checked.columns["exam_number"], strict=True))
    if len(set(keys)) == len(keys):
        return
    first: dict[Any, int] = {}
    for number, key in zip(checked.numbers, keys, strict=True):
        if None in key:
            continue
        earlier = first.setdefault(key, number)
        if earlier != number:
            text = _("This exam number stands in row %(row)s already.", row=earlier)
            checked.errors.append(Problem(number, HEADING_OF["exam_number"], text))
