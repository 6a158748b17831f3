"""The only writers of departments that are there: names, codes, assignment of what nobody knew, merging (B12).

What bears a department's id moves with it in one transaction, found by the name of the column, so that no table is
forgotten. Papers and cases keep the name of their day. The employment system is told the new names of the students.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.sql import Update

from app.access import audit
from app.access.actors import SCHOOL, Actor, require
from app.access.scope import in_scope
from app.base.cohorts import is_operable
from app.base.database import Model, session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.base.values.names import place_name
from app.codes.forms import read
from app.ems.roster_push import post_roster
from app.schools.departments.forms import DepartmentForm, MergeForm
from app.schools.departments.queries import VIEW, department_visible_to, known_departments, subject_of
from app.schools.models import Department, DepartmentAlias, School

CHANGED, MERGED, SETTLED = "department_changed", "department_merged", "department_settled"


def require_departments(actor: Actor) -> None:
    """School accounts in charge of all levels, with 读写 on employment; raises Forbidden."""
    require(actor, "can_edit", VIEW, kinds=(SCHOOL,), module="employment")
    if not actor.is_system and actor.level not in (None, "all"):
        raise Forbidden(
            _("Departments hold students of both levels; your account is in charge of one."), "not_your_level"
        )


def change_department(department_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Department:
    """Give a department another name, a code or other names; the old name stays as another name (B12).

    Called by school accounts with 读写 on employment. Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        department = _held(department_id, actor)
        clean = read(DepartmentForm, sent)
        before = _told(department)
        wanted = _wanted(before, clean)
        _refuse_taken(department, wanted)
        department.name, department.code = wanted["name"], wanted["code"] or None
        _write_aliases(department, wanted["aliases"])
        changed = [name for name in before if before[name] != wanted[name]]
        if changed:
            detail = {"before": {one: before[one] for one in changed}, "after": {one: wanted[one] for one in changed}}
            audit.record(CHANGED, actor=actor, subject=subject_of(department.id), detail=detail, about=department)
        if "name" in changed:
            _tell_ems(department)
    return department_visible_to(actor, department.id)


def settle_department(department_id: int, *, actor: Actor) -> Department:
    """Make a name that waits to be assigned a department of its own.

    Called by school accounts with 读写 on employment. Raises NotFound, Forbidden, Conflict `settled`.
    """
    with transaction():
        department = _held(department_id, actor)
        if department.unsettled_since is None:
            raise Conflict(_("This is a department already."), "settled")
        department.unsettled_since = None
        detail = {"name": department.name}
        audit.record(SETTLED, actor=actor, subject=subject_of(department.id), detail=detail, about=department)
    return department_visible_to(actor, department.id)


def merge_departments(department_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Department:
    """Move all that a department or an unassigned name has into another one, which gets its names; then it is gone.

    Graduates, accounts, cases and whatever else bears its id move; what was printed keeps its name. Called by school
    accounts with 读写 on employment. Raises NotFound, Forbidden, Conflict (`same_department`, `unsettled`), Invalid.
    """
    with transaction():
        source = _held(department_id, actor)
        target = _held(read(MergeForm, sent)["into"], actor)
        if source.id == target.id:
            raise Conflict(_("A department cannot be merged into itself."), "same_department")
        if source.school_id != target.school_id:
            raise NotFound()
        if target.unsettled_since is not None:
            raise Conflict(
                _("“%(name)s” waits to be assigned itself. Please choose a department.", name=target.name), "unsettled"
            )
        names = [source.name, *([source.code] if source.code else [])]
        moved = _move(source.id, target.id)
        detail = {"from": source.name, "into": target.name, "moved": moved}
        for one in (source, target):
            audit.record(MERGED, actor=actor, subject=subject_of(one.id), detail=detail, about=one)
        session.execute(delete(Department).where(Department.id == source.id))
        session.expunge(source)
        _add_aliases(target, names)
        _tell_ems(target)
    return department_visible_to(actor, target.id)


def _held(department_id: int, actor: Actor) -> Department:
    """The department, and its school as long as the transaction lasts: imports wait. Raises NotFound, Forbidden."""
    query = select(Department.school_id).where(Department.id == department_id, in_scope(Department, actor))
    school_id = session.scalar(query)
    if school_id is None:
        raise NotFound()
    require_departments(actor)
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True, of=School))
    return department_visible_to(actor, department_id)


def _told(department: Department) -> dict[str, Any]:
    aliases = sorted(one.name for one in department.aliases)
    return {"name": department.name, "code": department.code or "", "aliases": aliases}


def _wanted(before: Mapping[str, Any], clean: Mapping[str, Any]) -> dict[str, Any]:
    """How it shall be called; a name that is given up stays as another name."""
    name = place_name(clean["name"]) if "name" in clean else before["name"]
    others = {place_name(one) for one in clean.get("aliases", before["aliases"]) if one}
    others |= {before["name"]} - {name}
    return {"name": name, "code": clean.get("code", before["code"]), "aliases": sorted(others - {name})}


def _refuse_taken(department: Department, wanted: Mapping[str, Any]) -> None:
    known = known_departments(department.school_id)
    errors: dict[str, list[Any]] = {}
    for field, words in (("name", [wanted["name"]]), ("code", [wanted["code"]]), ("aliases", wanted["aliases"])):
        for word in words:
            other = known.find(word) if word else None
            if other not in (None, department.id):
                text = _("“%(word)s” means the department “%(name)s”.", word=word, name=known.names[other])
                errors.setdefault(field, []).append(text)
    if errors:
        raise Invalid(errors)


def _write_aliases(department: Department, names: Sequence[str]) -> None:
    own = DepartmentAlias.department_id == department.id
    there = set(session.scalars(select(DepartmentAlias.name).where(own)))
    session.execute(delete(DepartmentAlias).where(own, DepartmentAlias.name.not_in(names)))
    _add_aliases(department, [name for name in names if name not in there])


def _add_aliases(department: Department, names: Sequence[str]) -> None:
    place = {"school_id": department.school_id, "department_id": department.id}
    known = known_departments(department.school_id)
    new = [name for name in dict.fromkeys(names) if name not in known.words]
    if new:
        session.execute(insert(DepartmentAlias), [{"name": name, **place} for name in new])


def _move(source: int, target: int) -> dict[str, int]:
    """All rows that bear the one id get the other; how many of each table that people know."""
    moved: dict[str, int] = {}
    for name, table in Model.metadata.tables.items():
        statement: Update | None = None
        if "department_id" in table.c:
            values: dict[str, Any] = {"department_id": target}
            if name == "graduates":  # an import asks whether somebody has changed the row since it looked
                values["updated_at"] = func.clock_timestamp()
            statement = update(table).where(table.c.department_id == source).values(values)
        elif {"kind", "place_id"} <= set(table.c.keys()):  # what accounts of a place share
            own = (table.c.kind == "department", table.c.place_id == source)
            statement = update(table).where(*own).values(place_id=target)
        if statement is not None:
            count: int = session.execute(statement).rowcount
            moved |= {name: count} if count else {}
    session.expire_all()
    return moved


def _tell_ems(department: Department) -> None:
    """The employment system gets the students of the running seasons as an import would bring them."""
    table = Model.metadata.tables["graduates"].c
    own = select(table.id, table.cohort).where(table.department_id == department.id).order_by(table.id)
    ids = [key for key, cohort in session.execute(own) if is_operable(cohort)]
    post_roster(ids, key=f"department:{department.id}:{secrets.token_hex(8)}", order_key=f"department:{department.id}")
