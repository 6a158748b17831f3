"""Compares checked rows with the roster: who is new, who differs and how; packs both for the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import LargeBinary, exists, select, text, type_coerce

from app.access.models import Account
from app.base.crypto import blind_index, decrypt
from app.base.database import session
from app.base.masks import mask_id_number, mask_phone
from app.roster.imports.checking import Checked, Problem
from app.roster.imports.columns import HEADING_OF
from app.roster.imports.packing import KEPT, NULL, lines_of, packed_text, packed_texts
from app.roster.models import Graduate, RosterBatch
from app.schools.models import Department

# Fields that are compared as they are; the rest needs a thought.
_SAME = (
    *("student_number", "name", "sex", "ethnicity", "political_status", "major", "education", "duration"),
    *("training_mode", "graduated_on", "origin_region", "hardship", "normal_student", "address"),
)
_SEALED = ("id_number", "mobile")  # read as they are stored, opened only where it matters
_DEFAULTS = {"hardship": "0", "normal_student": "2"}
_FEW = 2000  # up to so many the keys are looked up, beyond that whole cohorts are read
_OTHER_LEVEL = _("This student is on the roster at the other level, of which your account is not in charge.")
_TEXTS = ("exam_number", "student_number", "name", "major", "mobile", "email", "address")


@dataclass(frozen=True)
class ChangedRow:
    """A row that differs from the roster: packed as it shall be and as it is, and what differs for people."""

    number: int
    id: int
    after: str
    before: str
    differences: list[list[Any]]


@dataclass
class Compared:
    """What a batch would do."""

    new_rows: list[int] = field(default_factory=list)  # row numbers, in the order of the sheet
    new_ids: list[int] = field(default_factory=list)
    new_lines: list[str] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    unchanged: int = 0
    departments: list[list[Any]] = field(default_factory=list)  # [id, name] of new ones
    errors: list[Problem] = field(default_factory=list)


def compare(checked: Checked, batch: RosterBatch) -> Compared:
    """Compare with the roster of the batch's school as it is now; the caller holds the school. Writes nothing.

    Ids are drawn here, so that the packed rows need not be touched again.
    """
    compared = Compared()
    there = _rows_there(checked, batch.school_id)
    departments = _departments(checked, batch.school_id, compared)
    keys = list(zip(checked.columns["cohort"], checked.columns["exam_number"], strict=True))
    new = [place for place, key in enumerate(keys) if key not in there] if there else list(range(checked.count))
    _pack_new(compared, checked, new, departments)
    if there:
        differ = _Differ(checked, batch, departments, compared)
        for place, key in enumerate(keys):
            if key in there:
                differ.look_at(place, there[key])
    return compared


def _rows_there(checked: Checked, school_id: int) -> dict[tuple[int, str], Any]:
    """The roster rows that the sheet names, with the sealed columns as they are stored."""
    numbers, cohorts = checked.columns["exam_number"], set(checked.columns["cohort"])
    plain = [getattr(Graduate, name) for name in (*KEPT, "id_number_index", "level") if name not in _SEALED]
    activated = exists().where(Account.person == Graduate.id_number_index)
    query = (
        select(
            *plain,
            *(type_coerce(getattr(Graduate, name), LargeBinary).label(name) for name in _SEALED),
            Department.name.label("department"),
            activated.label("activated"),
        )
        .join(Department, Department.id == Graduate.department_id)
        .where(Graduate.school_id == school_id, Graduate.cohort.in_(cohorts))
    )
    if len(numbers) <= _FEW:
        query = query.where(Graduate.exam_number.in_(numbers))
    return {(row.cohort, row.exam_number): row for row in session.execute(query)}


def _departments(checked: Checked, school_id: int, compared: Compared) -> dict[str, int]:
    """Name to id; ids of new departments are drawn now, the rows come with the commit."""
    rows = session.execute(select(Department.name, Department.id).where(Department.school_id == school_id))
    known: dict[str, int] = dict(rows.all())
    new = sorted(set(checked.columns["department"]) - set(known))
    compared.departments = [list(pair) for pair in zip(draw_ids("departments_id_seq", len(new)), new, strict=True)]
    return known | {name: key for key, name in compared.departments}


def draw_ids(sequence: str, count: int) -> list[int]:
    """The next `count` ids of a table."""
    drawn = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
    return list(session.scalars(drawn, {"sequence": sequence, "count": count})) if count else []


def _pack_new(compared: Compared, checked: Checked, places: Sequence[int], departments: dict[str, int]) -> None:
    if not places:
        return
    columns = checked.columns
    if len(places) < checked.count:
        columns = {name: [values[place] for place in places] for name, values in columns.items()}
    count = len(places)
    compared.new_rows = [checked.numbers[place] for place in places]
    compared.new_ids = draw_ids("graduates_id_seq", count)
    packed: dict[str, Sequence[str]] = {
        "id": list(map(str, compared.new_ids)),
        "department_id": _mapped(columns["department"], lambda name: str(departments[name])),
        "cohort": _mapped(columns["cohort"], str),
        "invalid_since": [NULL] * count,
        **{name: packed_texts(columns[name]) for name in _TEXTS},
        **{name: [code or default for code in columns[name]] for name, default in _DEFAULTS.items()},
    }
    compared.new_lines = lines_of([packed.get(name) or columns[name] for name in KEPT])


def _mapped(values: Sequence[Any], function: Callable[[Any], str]) -> list[str]:
    """The function of each value; columns of a roster have few distinct ones."""
    memo = {value: function(value) for value in set(values)}
    return [memo[value] for value in values]


class _Differ:
    """Finds what differs between rows of the sheet and those of the roster."""

    def __init__(self, checked: Checked, batch: RosterBatch, departments: dict[str, int], compared: Compared) -> None:
        self.checked, self.batch, self.departments, self.compared = checked, batch, departments, compared

    def look_at(self, place: int, old: Any) -> None:
        """Judge one row that is there already."""
        number = self.checked.numbers[place]
        if self.batch.level not in ("all", old.level):
            self.compared.errors.append(Problem(number, HEADING_OF["education"], _OTHER_LEVEL))
            return
        sent = {name: values[place] for name, values in self.checked.columns.items()}
        changes = dict(self._changes(sent, old))
        if not changes:
            self.compared.unchanged += 1
            return
        before = {name: _packed_old(old, name) for name in KEPT}
        after = {**before, **{name: cell for _old, _new, cells in changes.values() for name, cell in cells.items()}}
        self.compared.changed.append(
            ChangedRow(
                number,
                old.id,
                "\t".join(after[name] for name in KEPT),
                "\t".join(before[name] for name in KEPT),
                [[name, shown_old, shown_new] for name, (shown_old, shown_new, _cells) in changes.items()],
            )
        )

    def _changes(self, sent: dict[str, Any], old: Any) -> Iterator[tuple[str, tuple[Any, Any, dict[str, str]]]]:
        """Field → as shown before, as shown after, and the packed cells that change."""
        if old.invalid_since is not None:
            yield "on_roster", (False, True, {"invalid_since": NULL})
        for name in _SAME:
            value, there = sent[name], getattr(old, name)
            there = there.isoformat() if name == "graduated_on" else there
            if value is not None and value != there:
                yield name, (there, value, {name: packed_text(value)})
        if sent["department"] != old.department:
            cells = {"department_id": str(self.departments[sent["department"]])}
            yield "department", (old.department, sent["department"], cells)
        yield from self._identity(sent["id_number"], old)
        # Who has activated the account is asked by nobody but themselves (R1.10).
        if not old.activated:
            yield from self._contact(sent, old)

    def _identity(self, value: str, old: Any) -> Iterator[tuple[str, tuple[Any, Any, dict[str, str]]]]:
        if blind_index(value) != bytes(old.id_number_index):
            before = mask_id_number(decrypt(bytes(old.id_number)))
            yield "id_number", (before, mask_id_number(value), {"id_number": packed_text(value)})

    def _contact(self, sent: dict[str, Any], old: Any) -> Iterator[tuple[str, tuple[Any, Any, dict[str, str]]]]:
        mobile = decrypt(bytes(old.mobile)) if old.mobile is not None else None
        if sent["mobile"] and sent["mobile"] != mobile:
            yield "mobile", (mask_phone(mobile), mask_phone(sent["mobile"]), {"mobile": packed_text(sent["mobile"])})
        if sent["email"] and sent["email"] != old.email:
            yield "email", (old.email, sent["email"], {"email": packed_text(sent["email"])})


def _packed_old(old: Any, name: str) -> str:
    value = getattr(old, name)
    if value is None:
        return NULL
    if name in _SEALED:
        return packed_text(decrypt(bytes(value)))
    return packed_text(value.isoformat() if isinstance(value, date) else str(value))
