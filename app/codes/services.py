"""The rules of editing reference data: what may be entered, by whom, and that every process hears of it."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.access.actors import Actor
from app.codes import cache
from app.codes.models import CodeEntry, CodesVersion, EditableMixin, Region, University
from app.codes.regions import branch_prefix, full_region_name, province_of, region_level, region_parent
from app.database import session
from app.errors import Invalid

# Where the parent of a code is looked up, when not in its own table.
PARENT_TABLE: Final = {"education_level": "education_group", "employer_industry": "gbt4754_section"}

Errors = dict[str, list[Any]]


def prepare_code_entry(entry: CodeEntry, *, actor: Actor) -> None:
    """Check a new or changed line of a code table and mark it as edited.

    For operators, by the staff pages; the caller commits, then calls announce(). A code is never renamed or
    removed, since records hold it: it ends with valid_to. Raises Invalid with the fields.
    """
    with session.no_autoflush:
        new_version()  # locks the row, so that two editors cannot add overlapping lines at once
        _tidy(entry, "code", "label", "parent")
        errors = _period_errors(entry)
        _require(entry, errors, "code", "label")
        _keep_key(entry, errors, "code_table", "code")
        if not errors and _overlaps(entry):
            errors["valid_from"] = [_("This code is already there for these days. End the other line first.")]
        if entry.parent and not _parent_fits(entry):
            errors["parent"] = [_("There is no such code above, or it lies below this one.")]
        _finish(entry, errors, actor)


def prepare_region(region: Region, *, actor: Actor) -> None:
    """Check a new or changed region, put it in its place in the tree and rename what lies below.

    For operators, as prepare_code_entry(). Raises Invalid with the fields.
    """
    with session.no_autoflush:
        new_version()
        _tidy(region, "code", "name")
        errors = _period_errors(region)
        _require(region, errors, "name")
        if not (len(region.code or "") == 6 and region.code.isascii() and region.code.isdigit()):
            errors["code"] = [_("A region code has 6 digits.")]
        else:
            region.level, region.parent = region_level(region.code), region_parent(region.code)
            if region.parent and session.get(Region, region.parent) is None:
                text = _("The region above, %(code)s, does not exist yet. Add it first.", code=region.parent)
                errors["code"] = [text]
        _keep_key(region, errors, "code")
        if not errors:
            _rename_branch(region)
        _finish(region, errors, actor)


def prepare_university(university: University, *, actor: Actor) -> None:
    """Check a new or changed institution. For operators, as prepare_code_entry(). Raises Invalid."""
    with session.no_autoflush:
        new_version()
        _tidy(university, "identifier", "name", "city", "authority")
        errors = _period_errors(university)
        _require(university, errors, "name", "level")
        identifier = university.identifier or ""
        if not (len(identifier) == 10 and identifier.isascii() and identifier.isdigit()):
            errors["identifier"] = [_("A school identifier has 10 digits; its end is the school code.")]
        else:
            university.code = identifier[-5:]
        _keep_key(university, errors, "code", "identifier")
        if session.get(Region, university.province or "") is None:
            errors["province"] = [_("Please choose a province.")]
        _finish(university, errors, actor)


def announce() -> None:
    """After the commit of an edit: this process reads anew at once, the others within seconds."""
    cache.forget()


def new_version() -> None:
    """Change the version row within the running transaction; every process then loads the tables again."""
    version = secrets.randbits(62)
    statement = insert(CodesVersion).values(id=1, version=version)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"version": version}))


def _rename_branch(region: Region) -> None:
    below = Region.code.startswith(branch_prefix(region.code))
    branch = [row for row in session.scalars(select(Region).where(below)) if row.code != region.code]
    above = session.scalars(select(Region).where(Region.code.in_([province_of(region.code), region.parent])))
    places = {row.code: (row.name, bool(row.is_placeholder)) for row in (*above, *branch, region)}
    for row in (region, *branch):
        row.full_name = full_region_name(row.code, places)


def _tidy(row: Any, *names: str) -> None:
    for name in names:
        value = (getattr(row, name) or "").strip()
        setattr(row, name, value or (None if name == "parent" else ""))


def _require(row: Any, errors: Errors, *names: str) -> None:
    for name in names:
        if not getattr(row, name):
            errors.setdefault(name, []).append(_("Please fill this in."))


def _keep_key(row: Any, errors: Errors, *names: str) -> None:
    """A new row must not take the primary key of another, an old one never changes what it is known by."""
    state = inspect(row)
    if state.persistent:
        changed = [name for name in names if state.attrs[name].history.has_changes()]
        text = _("A code is never changed, since records hold it. End it and add a new one.")
        errors.update({name: [text] for name in changed})
        return
    key = state.mapper.primary_key_from_instance(row)
    if None not in key and session.get(type(row), key) is not None:
        errors.setdefault(names[-1], []).append(_("This code is already there."))


def _period_errors(row: EditableMixin) -> Errors:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        return {"valid_to": [_("The last valid day lies before the first one.")]}
    return {}


def _overlaps(entry: CodeEntry) -> bool:
    others = session.scalars(
        select(CodeEntry)
        .where(CodeEntry.code_table == entry.code_table, CodeEntry.code == entry.code)
        .where(CodeEntry.id != (entry.id or 0))
    )
    first, last = entry.valid_from or date.min, entry.valid_to or date.max
    periods = [(other.valid_from or date.min, other.valid_to or date.max) for other in others]
    return any(begin <= last and first <= end for begin, end in periods)


def _parent_fits(entry: CodeEntry) -> bool:
    table = PARENT_TABLE.get(entry.code_table, entry.code_table)
    lines = session.execute(select(CodeEntry.code, CodeEntry.parent).where(CodeEntry.code_table == table))
    parents: dict[str, str | None] = dict(lines.tuples().all())
    if entry.parent not in parents:
        return False
    step = entry.parent if table == entry.code_table else None
    seen = set()
    while step and step not in seen:
        if step == entry.code:
            return False
        seen.add(step)
        step = parents.get(step)
    return True


def _finish(row: EditableMixin, errors: Errors, actor: Actor) -> None:
    if errors:
        raise Invalid(errors)
    row.edited_at, row.edited_by = clock.now(), actor.username or actor.kind
