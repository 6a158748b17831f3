"""What reference data must satisfy to be saved; each check adds to the errors of a form, field by field."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, select

from app.base.database import session
from app.codes.models import CodeEntry, EditableMixin, Region
from app.codes.regions import region_parent

# Where the parent of a code is looked up, when not in its own table.
PARENT_TABLE: Final = {"education_level": "education_group", "employer_industry": "gbt4754_section"}

Errors = dict[str, list[Any]]


def fields_are_filled(row: Any, errors: Errors, *names: str) -> None:
    """None of these fields is empty."""
    for name in names:
        if not getattr(row, name):
            errors.setdefault(name, []).append(_("Please fill this in."))


def period_is_possible(row: EditableMixin, errors: Errors) -> None:
    """The last valid day does not lie before the first."""
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        errors["valid_to"] = [_("The last valid day lies before the first one.")]


def key_is_kept(row: Any, errors: Errors, *names: str) -> None:
    """A new row does not take the primary key of another, an old one does not change what it is known by."""
    state = inspect(row)
    if state.persistent:
        text = _("A code is never changed, since records hold it. End it and add a new one.")
        errors.update({name: [text] for name in names if state.attrs[name].history.has_changes()})
        return
    key = state.mapper.primary_key_from_instance(row)
    if None not in key and session.get(type(row), key) is not None:
        errors.setdefault(names[-1], []).append(_("This code is already there."))


def line_stands_alone(entry: CodeEntry, errors: Errors) -> None:
    """No other line of the same code is valid on one of the days of this one."""
    others = session.scalars(
        select(CodeEntry)
        .where(CodeEntry.code_table == entry.code_table, CodeEntry.code == entry.code)
        .where(CodeEntry.id != (entry.id or 0))
    )
    first, last = entry.valid_from or date.min, entry.valid_to or date.max
    periods = [(other.valid_from or date.min, other.valid_to or date.max) for other in others]
    if any(begin <= last and first <= end for begin, end in periods):
        errors["valid_from"] = [_("This code is already there for these days. End the other line first.")]


def parent_fits(entry: CodeEntry, errors: Errors) -> None:
    """The code above is in the table that parents come from, and does not itself lie below this one."""
    if not entry.parent:
        return
    table = PARENT_TABLE.get(entry.code_table, entry.code_table)
    lines = session.execute(select(CodeEntry.code, CodeEntry.parent).where(CodeEntry.code_table == table))
    parents: dict[str, str | None] = dict(lines.tuples().all())
    steps: set[str | None] = set()
    step: str | None = entry.parent
    while table == entry.code_table and step in parents and step not in steps:
        steps.add(step)
        step = parents[step]
    if entry.parent not in parents or entry.code in steps:
        errors["parent"] = [_("There is no such code above, or it lies below this one.")]


def region_has_a_place(region: Region, errors: Errors) -> None:
    """The code has six digits and the region above is there."""
    if not _has_digits(region.code, 6):
        errors["code"] = [_("A region code has 6 digits.")]
        return
    above = region_parent(region.code)
    if above and session.get(Region, above) is None:
        errors["code"] = [_("The region above, %(code)s, does not exist yet. Add it first.", code=above)]


def identifier_is_complete(identifier: str | None, errors: Errors) -> None:
    """A 学校标识码 has ten digits."""
    if not _has_digits(identifier, 10):
        errors["identifier"] = [_("A school identifier has 10 digits; its end is the school code.")]


def province_is_known(province: str | None, errors: Errors) -> None:
    """The province of a university is in the table of regions."""
    found = session.get(Region, province or "")
    if found is None or found.level != "province":
        errors["province"] = [_("Please choose a province.")]


def _has_digits(text: str | None, count: int) -> bool:
    return text is not None and len(text) == count and text.isascii() and text.isdigit()
