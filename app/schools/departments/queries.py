"""Departments by all that they are called, and what a school reads of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actors import Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.access.scope import in_scope
from app.base.database import Model, session
from app.base.errors import NotFound
from app.base.kept import Kept
from app.base.values.names import name_key
from app.schools.models import Department, DepartmentAlias

VIEW = "school_departments"  # the name of the thing in the role matrix
MOST_NEAR = 5
_LIKE, _SAME = 45, 84  # of 100: worth a suggestion; one character more or less in a name of seven


@dataclass(frozen=True)
class Known:
    """The departments of a school: their names, and which one each word means."""

    names: Mapping[int, str]
    words: Mapping[str, int]  # name, other name or code
    keys: Mapping[str, int]  # the same in any spelling, where it is one department's alone

    def find(self, word: str) -> int | None:
        """The department that is called so: exactly, or in another spelling of no other department."""
        return self.words.get(word) or self.keys.get(name_key(word))


def known_departments(school_id: int) -> Known:
    """The departments of a school; two statements."""
    return known_of_schools([school_id])[school_id]


def known_of_schools(school_ids: Iterable[int]) -> dict[int, Known]:
    """The same for several schools; two statements for all."""
    ids = list(school_ids)
    columns = (Department.school_id, Department.id, Department.name, Department.code)
    rows = session.execute(select(*columns).where(Department.school_id.in_(ids))).all()
    other = (DepartmentAlias.school_id, DepartmentAlias.department_id, DepartmentAlias.name)
    aliases = session.execute(select(*other).where(DepartmentAlias.school_id.in_(ids))).all()
    names: dict[int, dict[int, str]] = defaultdict(dict)
    others: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for one in rows:
        names[one.school_id][one.id] = one.name
        if one.code:
            others[one.school_id].append((one.code, one.id))
    for alias in aliases:
        others[alias.school_id].append((alias.name, alias.department_id))
    return {key: _known(names[key], others[key]) for key in ids}


def _known(names: Mapping[int, str], others: Sequence[tuple[str, int]]) -> Known:
    words = {**dict(others), **{name: key for key, name in names.items()}}
    spelled: dict[str, set[int]] = defaultdict(set)
    for word, key in words.items():
        spelled[name_key(word)].add(key)
    return Known(names, words, {word: min(ids) for word, ids in spelled.items() if word and len(ids) == 1})


def department_visible_to(actor: Actor, department_id: int) -> Department:
    """One department in the actor's scope with its other names; raises NotFound."""
    query = select(Department).where(Department.id == department_id, in_scope(Department, actor))
    query = query.options(joinedload(Department.school, innerjoin=True), selectinload(Department.aliases))
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Line:
    """A department on the school's page: how many are on the roster with it, how many accounts look after them."""

    department: Department
    graduates: int
    accounts: int


def lines_of(school_id: int, only: Collection[int] = ()) -> list[Line]:
    """The departments of a school by name, those that wait to be assigned among them; four statements."""
    query = select(Department).where(Department.school_id == school_id).options(selectinload(Department.aliases))
    if only:
        query = query.where(Department.id.in_(only))
    rows = session.scalars(query.order_by(Department.name)).all()
    graduates, accounts = _graduates_in([one.id for one in rows]), _accounts_in([one.id for one in rows])
    return [Line(one, graduates[one.id], accounts[one.id]) for one in rows]


def _graduates_in(ids: Sequence[int]) -> Counter[int]:
    # The roster is the room above; its table is enough to count.
    table = Model.metadata.tables["graduates"].c
    counted = select(table.department_id, func.count()).where(
        table.department_id.in_(ids), table.invalid_since.is_(None)
    )
    return Counter(dict(session.execute(counted.group_by(table.department_id)).all()))


def _accounts_in(ids: Sequence[int]) -> Counter[int]:
    counted = select(Account.department_id, func.count()).where(Account.department_id.in_(ids))
    return Counter({key: count for key, count in session.execute(counted.group_by(Account.department_id)) if key})


def settled_names(school_id: int) -> Sequence[str]:
    """The names of a school's departments in order, without those that wait to be assigned; one statement."""
    settled = (Department.school_id == school_id, Department.unsettled_since.is_(None))
    return session.scalars(select(Department.name).where(*settled).order_by(Department.name)).all()


def unsettled_count(school_id: int) -> int:
    """How many names of a school wait to be assigned."""
    return _unsettled().scalar({"school": school_id}) or 0


@cache
def _unsettled() -> Kept:
    """Put together once: every roster list asks."""
    waiting = (Department.school_id == bindparam("school"), Department.unsettled_since.is_not(None))
    return Kept(select(func.count()).where(*waiting))


def nearest(name: str, lines: Sequence[Line]) -> list[Line]:
    """The settled departments whose name or other name is most like this one, the best first."""
    by_word: dict[str, Line] = {}
    for line in lines:
        if line.department.unsettled_since is None:
            by_word |= dict.fromkeys((line.department.name, *(one.name for one in line.department.aliases)), line)
    found = {by_word[word].department.id: by_word[word] for word in near_names(name, list(by_word))}
    return list(found.values())


def near_names(name: str, names: Collection[str], *, enough: int = _LIKE) -> list[str]:
    """The names most like `name`, the best first, as people spell them alike (R1.6)."""
    spelled: dict[str, str] = {}
    for one in names:
        spelled.setdefault(name_key(one), one)
    found = process.extract(name_key(name), list(spelled), scorer=fuzz.ratio, limit=MOST_NEAR, score_cutoff=enough)
    return [spelled[key] for key, _score, _place in found]


def alike(name: str, others: Collection[str]) -> str | None:
    """Another name so near that it may be the same one written otherwise."""
    return next(iter(near_names(name, [one for one in others if one != name], enough=_SAME)), None)


def subject_of(department_id: int) -> str:
    """Under what the trail keeps the changes of a department."""
    return f"department {department_id}"


def changes_of(department: Department, *, most: int = 50) -> Sequence[Any]:
    """What was done to the department, newest first."""
    query = select(AuditLine).where(AuditLine.subject == subject_of(department.id))
    return session.scalars(query.order_by(AuditLine.id.desc()).limit(most)).all()
