"""The only way to change reference data: checked, marked as edited, told to every process."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.dialects.postgresql import insert

from app.access import audit
from app.access.actors import Actor
from app.base import clock
from app.base.database import on_commit, session, transaction
from app.base.errors import Forbidden, Invalid
from app.codes import cache, guards
from app.codes.models import CodeEntry, CodesVersion, Region, University
from app.codes.regions import branch_prefix, full_region_name, province_of, region_level, region_parent

# The names under which roles are given these tables.
CODES_VIEW, REGIONS_VIEW, UNIVERSITIES_VIEW = "code_entries", "regions", "universities"


def save_code_entry(entry: CodeEntry, *, actor: Actor) -> None:
    """Save a new or changed line of a code table; the caller has set its fields within transaction().

    For operators. A code is never renamed or removed, since records hold it: it ends with valid_to.
    Raises Forbidden, Invalid with the fields.
    """
    with _saving(entry, CODES_VIEW, actor) as errors:
        _tidy(entry, "code", "label", "parent")
        guards.fields_are_filled(entry, errors, "code", "label")
        guards.period_is_possible(entry, errors)
        guards.key_is_kept(entry, errors, "code_table", "code")
        if not errors:
            guards.line_stands_alone(entry, errors)
        guards.parent_fits(entry, errors)
        if entry.position is None:
            last = select(func.max(CodeEntry.position)).where(CodeEntry.code_table == entry.code_table)
            entry.position = (session.scalar(last) or 0) + 10


def save_region(region: Region, *, actor: Actor) -> None:
    """Save a new or changed region: it finds its place by its code, what lies below gets its new name.

    For operators, as save_code_entry(). Raises Forbidden, Invalid with the fields.
    """
    with _saving(region, REGIONS_VIEW, actor) as errors:
        _tidy(region, "code", "name")
        guards.fields_are_filled(region, errors, "name")
        guards.period_is_possible(region, errors)
        guards.region_has_a_place(region, errors)
        guards.key_is_kept(region, errors, "code")
        if not errors:
            region.level, region.parent = region_level(region.code), region_parent(region.code)
            _rename_branch(region)


def save_university(university: University, *, actor: Actor) -> None:
    """Save a new or changed institution. For operators, as save_code_entry(). Raises Forbidden, Invalid."""
    with _saving(university, UNIVERSITIES_VIEW, actor) as errors:
        _tidy(university, "identifier", "name", "city", "authority")
        guards.fields_are_filled(university, errors, "name", "level")
        guards.period_is_possible(university, errors)
        guards.identifier_is_complete(university.identifier, errors)
        university.code = university.identifier[-5:]
        guards.key_is_kept(university, errors, "code", "identifier")
        guards.province_is_known(university.province, errors)


def announce() -> None:
    """Read the tables anew in this process; for whoever has written to them by other ways than these services."""
    cache.forget()


def new_version() -> None:
    """Change the version row within the running transaction; every process then loads the tables again."""
    version = secrets.randbits(62)
    statement = insert(CodesVersion).values(id=1, version=version)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"version": version}))
    on_commit(cache.forget)


@contextmanager
def _saving(row: Any, view: str, actor: Actor) -> Iterator[guards.Errors]:
    """What all three have in common: permission, one editor at a time, refusal, mark, audit line."""
    permission = "can_edit" if inspect(row).persistent else "can_add"
    if not actor.may(permission, view):
        raise Forbidden()
    errors: guards.Errors = {}
    with transaction(), session.no_autoflush:
        new_version()  # locks the version row: a second editor waits and then sees what the first one saved
        yield errors
        if errors:
            raise Invalid(errors)
        _tidy(row, "note")
        audit.record(permission, actor=actor, subject=f"{view} {row}"[:128], detail=_changes(row))
        row.edited_at, row.edited_by = clock.now(), actor.username or actor.kind
        session.add(row)


def _changes(row: Any) -> dict[str, Any]:
    history = {attr.key: attr.history for attr in inspect(row).attrs}
    return {
        name: [str(value) if value is not None else None for value in (*(old.deleted or [None]), *old.added)]
        for name, old in history.items()
        if old.has_changes()
    }


def _tidy(row: Any, *names: str) -> None:
    for name in names:
        value = (getattr(row, name) or "").strip()
        setattr(row, name, value or (None if name == "parent" else ""))


def _rename_branch(region: Region) -> None:
    below = Region.code.startswith(branch_prefix(region.code))
    branch = [row for row in session.scalars(select(Region).where(below)) if row.code != region.code]
    above = session.scalars(select(Region).where(Region.code.in_([province_of(region.code), region.parent])))
    places = {row.code: (row.name, bool(row.is_placeholder)) for row in (*above, *branch, region)}
    for row in (region, *branch):
        row.full_name = full_region_name(row.code, places)
