"""Compares checked rows with the roster: who is new, who differs and how; packs both for the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import LargeBinary, exists, select, type_coerce

from app.access.models import Account
from app.base.crypto import blind_index, open_sealed, place_of
from app.base.database import session
from app.base.masks import mask_id_number
from app.base.sealed import draw_ids
from app.codes.fields import GRADUATE, SCHOOL, Field, Kind
from app.codes.graduate_fields import in_sheet
from app.codes.words import masked, plain
from app.roster.imports.checking import Checked, Problem
from app.roster.imports.columns import HEADING_OF
from app.roster.imports.packing import KEPT, NULL, SEALED, lines_of, packed_text, packed_texts
from app.roster.models import Graduate, RosterBatch
from app.schools.departments.queries import Known, known_departments
from app.schools.models import Department

_FIELDS = in_sheet()
# Compared as they are: all but the key, and department and ID number, which need a thought.
_SCHOOLS = tuple(one for one in _FIELDS if one.editor is SCHOOL and one.name not in ("department", "id_number"))
_OWN = tuple(one for one in _FIELDS if one.editor is GRADUATE)
_DEFAULTS = {one.name: one.default for one in _FIELDS if one.default is not None}
# A field, and: as shown before, as shown after, the packed cells that change.
Change = tuple[str, tuple[Any, Any, dict[str, str]]]
_FEW = 2000  # up to so many the keys are looked up, beyond that whole cohorts are read
_OTHER_LEVEL = _("This student is on the roster at the other level, of which your account is not in charge.")
# Columns in which anything may stand, also nothing; of codes, days and numbers the packed form is the text itself.
_TEXTS = tuple(one.name for one in _FIELDS if one.may_be_null or one.kind in (Kind.TEXT, Kind.PERSON_NAME))


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
    known = known_departments(batch.school_id)
    departments = _departments(checked, known, compared)
    keys = list(zip(checked.columns["cohort"], checked.columns["exam_number"], strict=True))
    new = [place for place, key in enumerate(keys) if key not in there] if there else list(range(checked.count))
    _pack_new(compared, checked, new, departments)
    if there:
        differ = _Differ(checked, batch, departments, known, compared)
        for place, key in enumerate(keys):
            if key in there:
                differ.look_at(place, there[key])
    return compared


def _rows_there(checked: Checked, school_id: int) -> dict[tuple[int, str], Any]:
    """The roster rows that the sheet names, with the sealed columns as they are stored."""
    numbers, cohorts = checked.columns["exam_number"], set(checked.columns["cohort"])
    plain = [getattr(Graduate, name) for name in (*KEPT, "id_number_index", "level") if name not in SEALED]
    activated = exists().where(Account.person == Graduate.id_number_index)
    query = (
        select(
            *plain,
            *(type_coerce(getattr(Graduate, name), LargeBinary).label(name) for name in SEALED),
            Department.name.label("department"),
            activated.label("activated"),
        )
        .join(Department, Department.id == Graduate.department_id)
        .where(Graduate.school_id == school_id, Graduate.cohort.in_(cohorts))
    )
    if len(numbers) <= _FEW:
        query = query.where(Graduate.exam_number.in_(numbers))
    return {(row.cohort, row.exam_number): row for row in session.execute(query)}


def _departments(checked: Checked, known: Known, compared: Compared) -> dict[str, int]:
    """Word of the sheet to id; ids of new departments are drawn now, the rows come with the commit."""
    found = {word: known.find(word) for word in set(checked.columns["department"])}
    new = sorted(word for word, key in found.items() if key is None)
    compared.departments = [
        list(pair) for pair in zip(draw_ids(session, "departments_id_seq", len(new)), new, strict=True)
    ]
    return {word: key for word, key in found.items() if key} | {name: key for key, name in compared.departments}


def _pack_new(compared: Compared, checked: Checked, places: Sequence[int], departments: dict[str, int]) -> None:
    if not places:
        return
    columns = checked.columns
    if len(places) < checked.count:
        columns = {name: [values[place] for place in places] for name, values in columns.items()}
    count = len(places)
    compared.new_rows = [checked.numbers[place] for place in places]
    compared.new_ids = draw_ids(session, "graduates_id_seq", count)
    packed: dict[str, Sequence[str]] = {
        "id": list(map(str, compared.new_ids)),
        "department_id": _mapped(columns["department"], lambda name: str(departments[name])),
        "cohort": _mapped(columns["cohort"], str),
        "invalid_since": [NULL] * count,
        **{name: packed_texts(columns[name]) for name in _TEXTS if name in KEPT},
        **{name: [code or default for code in columns[name]] for name, default in _DEFAULTS.items()},
    }
    compared.new_lines = lines_of([packed.get(name) or columns[name] for name in KEPT])


def _mapped(values: Sequence[Any], function: Callable[[Any], str]) -> list[str]:
    """The function of each value; columns of a roster have few distinct ones."""
    memo = {value: function(value) for value in set(values)}
    return [memo[value] for value in values]


class _Differ:
    """Finds what differs between rows of the sheet and those of the roster."""

    def __init__(
        self, checked: Checked, batch: RosterBatch, departments: dict[str, int], known: Known, compared: Compared
    ) -> None:
        self.checked, self.batch, self.compared = checked, batch, compared
        self.departments, self.names = departments, known.names

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

    def _changes(self, sent: dict[str, Any], old: Any) -> Iterator[Change]:
        if old.invalid_since is not None:
            yield "on_roster", (False, True, {"invalid_since": NULL})
        yield from _plain_changes(_SCHOOLS, sent, old)
        department_id = self.departments[sent["department"]]
        if department_id != old.department_id:
            name = self.names.get(department_id, sent["department"])
            yield "department", (old.department, name, {"department_id": str(department_id)})
        yield from self._identity(sent["id_number"], old)
        # Who has activated the account is asked by nobody but themselves (R1.10).
        if not old.activated:
            yield from _plain_changes(_OWN, sent, old)

    def _identity(self, value: str, old: Any) -> Iterator[Change]:
        # By the index: nobody opens a hundred thousand numbers to find none of them changed.
        if blind_index(value) != bytes(old.id_number_index):
            before = mask_id_number(_there(old, "id_number"))
            yield "id_number", (before, mask_id_number(value), {"id_number": packed_text(value)})


def _plain_changes(fields: Sequence[Field], sent: dict[str, Any], old: Any) -> Iterator[Change]:
    for one in fields:
        value, there = sent[one.name], getattr(old, one.name)
        if one.name in SEALED or one.kind is Kind.DAY:
            there = _there(old, one.name)
        if value and value != there:
            yield one.name, (masked(one, there), masked(one, value), {one.name: packed_text(value)})


def _there(old: Any, name: str) -> Any:
    """What the roster has, as a sheet would say it."""
    value = getattr(old, name)
    if value is None or name not in SEALED:
        return plain(value)
    return open_sealed(bytes(value), place_of(f"graduates.{name}", old.id)).decode()


def _packed_old(old: Any, name: str) -> str:
    value = _there(old, name)
    return NULL if value is None else packed_text(str(value))
