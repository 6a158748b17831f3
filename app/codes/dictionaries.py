"""Every code table under the name that the API and forms ask for; rooms above register theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from app.base import clock
from app.base.database import session
from app.base.errors import NotFound
from app.codes import queries
from app.codes.cache import Entry, snapshot
from app.codes.models import University

Item = dict[str, Any]
Producer = Callable[[date], list[Item]]

_registered: dict[str, Producer] = {}


def register_dictionary(name: str, producer: Producer) -> None:
    """Offer a further dictionary: `producer(day)` gives its items. For rooms above, once, at import."""
    _registered[name] = producer


def dictionary_names() -> list[str]:
    """Everything that dictionary() can be asked for, tables of other rooms included."""
    return sorted({*snapshot().tables, *_OWN, *_registered})


def dictionary(name: str, on: date | None = None) -> list[Item]:
    """The items valid on the day `on` (default today), in order: {"code", "label", "parent", "note", …}.

    Anybody who is logged in may read it. Raises NotFound (unknown_dictionary) for any other name.
    """
    day = on or clock.today()
    producer = _registered.get(name) or _OWN.get(name)
    if producer is not None:
        return producer(day)
    if name not in snapshot().tables:
        raise NotFound(_("There is no such code table."), "unknown_dictionary")
    return [item_of(entry) for entry in queries.entries(name, day)]


def item_of(entry: Entry) -> Item:
    """A code as programs read it."""
    item = {"code": entry.code, "label": entry.label, "parent": entry.parent, "note": entry.note}
    return {**item, **entry.extra}


def _regions(day: date) -> list[Item]:
    return [item_of(region) for region in snapshot().regions.values() if region.is_valid_on(day)]


def _provinces_and_cities(day: date) -> list[Item]:
    return [item for item in _regions(day) if item["level"] != "county"]


def _universities(day: date) -> list[Item]:
    rows = session.scalars(
        select(University)
        .where(or_(University.valid_from.is_(None), University.valid_from <= day))
        .where(or_(University.valid_to.is_(None), University.valid_to >= day))
        .order_by(University.identifier)
    )
    return [
        {
            "code": row.identifier,
            "label": row.name,
            "parent": row.province,
            "note": row.note,
            "short_code": row.code,
            "level": row.level,
            "city": row.city,
            "authority": row.authority,
        }
        for row in rows
    ]


_OWN: Final[dict[str, Producer]] = {
    "region": _regions,
    "region_province_city": _provinces_and_cities,
    "university": _universities,
}
