"""Plain parameters of lists and exports, beside FAB's `q`: page, page_size, order, cursor, search, and filters by name.

`state=signed,rejected` is any of them, `updated_after=` and `created_after=` are for those who poll. What nobody knows is
refused with what there is: a misspelt filter must not look like an answer to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from flask import request
from flask_babel import lazy_gettext as _

from app.base.errors import Malformed
from app.base.wording import listed
from app.fab.search import SearchFilter
from app.web import payload
from app.web.numbers import is_whole

_PAGING = ("page", "page_size", "order", "cursor")
_SINCE = {"created_after": "created_at", "updated_after": "updated_at"}
_ZONE = re.compile(r" (\d\d:?\d\d)$")  # a plus sign that was not encoded


class Offers(Protocol):
    """What is asked of a list here."""

    @property
    def search(self) -> Mapping[str, Any]:
        """The columns that can be searched."""

    @property
    def order(self) -> Sequence[str]:
        """Those that can order it."""

    @property
    def find(self) -> Sequence[Any]:
        """Those in which one text is looked for."""

    def offered(self, column: str) -> list[SearchFilter]:
        """The ways in which a column can be searched."""


def names(listing: Offers) -> list[str]:
    """The parameters that a list takes."""
    since = [name for name, column in _SINCE.items() if column in listing.search]
    found = ["search"] if listing.find else []
    return [*_PAGING, *found, *since, *listing.search]


def of_request(q: Mapping[str, Any], listing: Offers, own: Collection[str]) -> dict[str, Any]:
    """The query `q` with what the plain parameters of this request say; `own` are those that the address itself reads."""
    sent = {name: values for name, values in request.args.lists() if name != "q" and name not in own}
    return joined(q, sent, listing, [*own, "q"])


def of_body(sent: Mapping[str, Any], listing: Offers) -> dict[str, Any]:
    """The query that an object of plain parameters names: which rows, not which page of them."""
    plain = {
        name: [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in sent.items()
        if value is not None
    }
    for name in set(plain) & (set(_PAGING) - {"order"}):
        raise unknown(name, [one for one in names(listing) if one not in _PAGING])
    return joined({}, plain, listing, ())


def joined(
    q: Mapping[str, Any], sent: Mapping[str, Sequence[str]], listing: Offers, own: Collection[str]
) -> dict[str, Any]:
    """The query `q` with what plain parameters say. Raises Malformed: `unknown_parameter`, numbers that are none."""
    told, known = dict(q), names(listing)
    filters = [dict(one) if isinstance(one, dict) else one for one in q.get("filters") or []]
    for name, values in sent.items():
        if name not in known:
            raise unknown(name, [*known, *own])
        said = [value for value in values if value.strip()]
        if name == "cursor" or (said and name in ("page", "page_size", "order", "search")):
            told.update(_paging(name, (said or [""])[-1], listing))
        elif said:
            filters.append(_condition(name, said, listing))
    return {**told, "filters": filters} if filters else told


def unknown(name: str, known: Sequence[str]) -> Malformed:
    """The refusal of a parameter or column that a list does not have."""
    words = _("This list does not know “%(name)s”. It takes: %(known)s.", name=name[:64], known=listed(known))
    return Malformed(words, "unknown_parameter", parameters=list(known))


def _paging(name: str, value: str, listing: Offers) -> dict[str, Any]:
    if name in ("page", "page_size"):
        if not is_whole(value):
            raise Malformed(_("%(name)s must be a whole number.", name=name))
        if name == "page_size" and not 0 < int(value) <= payload.largest_page():
            raise Malformed(_("A page holds at least one row and at most %(most)s.", most=payload.largest_page()))
        return {name: int(value)}
    if name == "order":
        column = value.removeprefix("-")
        if column not in listing.order:
            raise unknown(value, [*listing.order, *(f"-{one}" for one in listing.order)])
        return {"order_column": column, "order_direction": "desc" if value.startswith("-") else "asc"}
    return {name: value}


def _condition(name: str, values: Sequence[str], listing: Offers) -> dict[str, Any]:
    if name in _SINCE and name not in listing.search:
        return {"col": _SINCE[name], "opr": "since", "value": _ZONE.sub(r"+\1", values[-1])}
    ways = [str(one.arg_name) for one in listing.offered(name)]
    several = [part.strip() for value in values for part in value.split(",") if part.strip()]
    if "in" in ways and "ct" not in ways[:1]:
        return {"col": name, "opr": "in", "value": several}
    way = next(way for way in (*ways[:1], "eq") if way in ways)
    if way == "eq" and len(several) > 1 and "in" in ways:
        return {"col": name, "opr": "in", "value": several}
    return {"col": name, "opr": way, "value": values[-1]}
