"""FAB's list addresses, read strictly: `_flt_0_name=…`, `_oc_View=…`, `page_View=…`, `psize_View=…`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask import g, request, url_for
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_appbuilder.models.filters import Filters
from flask_babel import lazy_gettext as _
from werkzeug.routing import BuildError
from wtforms import SelectField, StringField

from app.base.errors import Malformed

LARGEST_PAGE = 100  # rows on one page; who wants more downloads the list
_FILTER = re.compile(r"^_flt_(\d{1,2})_(\w{1,64})$", re.ASCII)
_PLACE = secrets.token_hex(12)  # what stands for a value until it is filled in: nobody else can write it
_NUMBER = re.compile(r"^p(?:age|size)_")


def check_numbers() -> None:
    """Every page number and size of the address is a whole number; raises Malformed."""
    for name, value in request.args.items():
        if _NUMBER.match(name) and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise Malformed(_("“%(value)s” is not a whole number.", value=value[:40]))


def read_filters(filters: Filters) -> None:
    """Put the address's search into `filters`; blank fields are no search. Raises Malformed for unknown ones."""
    filters.clear_filters()
    for name in request.args:
        if not name.startswith("_flt_"):
            continue
        values = [value for value in request.args.getlist(name) if value.strip()]
        found = _FILTER.match(name)
        offered = filters.get_search_filters().get(found[2], []) if found else []
        if found is None or int(found[1]) >= len(offered):
            raise Malformed(_("This list cannot be searched that way."))
        if values:
            filters._add_filter(offered[int(found[1])], values)


def order(view: str, columns: Sequence[str]) -> tuple[str, str]:
    """Column and direction that the address asks for, ("", "") when it does not; raises Malformed."""
    column, direction = request.args.get(f"_oc_{view}", ""), request.args.get(f"_od_{view}", "asc")
    if not column:
        return "", ""
    if column not in columns:
        raise Malformed(_("This list cannot be ordered by “%(column)s”.", column=column[:64]))
    if direction not in ("asc", "desc"):
        raise Malformed(_("The order direction is either asc or desc."))
    return column, direction


def page(view: str, size: int, cap: int) -> tuple[int, int]:
    """Page (from 0) and size that the address asks for, kept within the counted rows; check_numbers() came before."""
    wanted = int(request.args.get(f"psize_{view}", size))
    kept = min(max(wanted, 1), LARGEST_PAGE)
    number = int(request.args.get(f"page_{view}", 0))
    return min(number, max(0, (cap - 2) // kept)), kept


def around(name: str, **others: str) -> tuple[str, str]:
    """The present address with another value of `name`: what stands before that value and behind it."""
    known: dict[str, tuple[str, str]] = g.setdefault("addresses_around", {})
    if name not in known:
        told: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(), name: _PLACE, **others}
        before, _place, after = url_for(str(request.endpoint), **told).partition(_PLACE)
        known[name] = before, after
    return known[name]


def of_rows(endpoint: str, pks: Sequence[Any], **more: Any) -> dict[Any, str]:
    """Where each of the rows is found; {} where the view has no such page."""
    try:
        before, _place, after = url_for(endpoint, pk=_PLACE, **more).partition(_PLACE)
        return {pk: f"{before}{pk}{after}" if type(pk) is int else url_for(endpoint, pk=pk, **more) for pk in pks}
    except BuildError:
        return {}


def around_order(view: str) -> tuple[str, str]:
    """The present address in the order of another column: ascending first, then to and fro."""
    column, direction = f"_oc_{view}", f"_od_{view}"
    rises = column in request.args and request.args.get(direction) == "asc"
    return around(column, **{direction: "desc" if rises else "asc"})


def search_field(label: Any) -> StringField:
    """The field of a search column that the model does not have."""
    return StringField(label, widget=BS3TextFieldWidget())


class ChoiceField(SelectField):
    """The field of a search column of which one of a few values is chosen; they are asked for when it is drawn."""

    def __init__(self, label: Any, known: Callable[[], Sequence[tuple[str, Any]]], **kwargs: Any) -> None:
        super().__init__(label, choices=(), validate_choice=False, **kwargs)
        self.known = known
