"""The table of a list on screen: what FAB's widgets look up for each cell is found once."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import request
from flask_appbuilder.actions import ActionItem
from flask_babel import gettext as _
from markupsafe import Markup

from app.fab import addresses
from app.web.cells import Row, table_rows
from app.web.drawing import written
from app.web.filters import figure
from app.web.once import drawn_once
from app.web.parts import button, csrf

_PICKED = "appbuilder/general/picked.html"
_PLACE = secrets.token_hex(12)  # what stands for an address until it is filled in
_ASKS = 'data-dialog-open="delete-record"'


def list_head(
    columns: Sequence[str],
    *,
    view: str,
    labels: Mapping[str, str],
    order: Collection[str],
    pickable: bool,
    numeric: Collection[str] = (),
    wide: Collection[str] = (),
) -> Markup:
    """The head of the table: what the columns are called, and the ways to order the list by them."""
    ordered, rises = request.args.get(f"_oc_{view}"), request.args.get(f"_od_{view}") == "asc"
    told = [
        (
            name,
            label := str(labels.get(name, "")),
            (" num" if name in (numeric or ()) else "")
            + (" wide-only" if name in (wide or ()) else "")
            + (" nowrap" if len(label) <= 4 else ""),
            (("ascending" if rises else "descending") if name == ordered else "none") if name in order else "",
        )
        for name in columns
    ]
    before, after = addresses.around_order(view)
    return drawn_once("appbuilder/general/widgets/list_head.html", "head", told, pickable, before=before, after=after)


def list_actions(actions: Mapping[str, ActionItem], path: str | None, count: int) -> Markup:
    """The bar of what can be done with the chosen rows; `count` is of all that match, where more than those shown do."""
    if not actions or not path:
        return Markup()
    told = [(one.name, str(one.text), bool(one.confirmation)) for one in actions.values()]
    return drawn_once(_PICKED, "picked", told, count > 1, path=path, count=figure(count), token=csrf())


def list_rows(
    values: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    pks: Sequence[Any],
    *,
    view: str,
    may: tuple[bool, bool, bool],
    urls: Mapping[Any, str] | None = None,
    tools: Mapping[Any, Any] | None = None,
    pickable: bool = False,
    **shown: Any,
) -> Markup:
    """The rows of FAB's list; `may`: whether the reader may look at, change and delete them."""
    can_show, can_edit, can_delete = may
    offered = {
        **({"show": _("Details")} if can_show and not can_edit else {}),
        **({"edit": _("Change")} if can_edit else {}),
        **({"delete": _("Delete")} if can_delete else {}),
    }
    places = addresses.of_rows(f"{view}.show", pks) if can_show else {}
    drawn = {} if tools else _tools(view, pks, offered, places)
    rows = [
        Row(
            (urls or {}).get(pk) or places.get(pk),
            written(pk) if pickable else None,
            tools.get(pk, "") if tools else drawn[pk],
        )
        for pk in pks
    ]
    return table_rows(values, columns, rows, **shown)


def _tools(view: str, pks: Sequence[Any], offered: Mapping[str, str], shows: Mapping[Any, str]) -> Mapping[Any, Markup]:
    """What can be done with each row by FAB's own pages; drawn once, with the row's address put in."""
    leads = {name: shows if name == "show" else addresses.of_rows(f"{view}.{name}", pks) for name in offered}
    drawn = [(lead, _tool(name, offered[name]).split(_PLACE)) for name, lead in leads.items() if lead]
    found = {}
    for pk in pks:
        tools = "".join([written(lead[pk]).join(around) for lead, around in drawn])
        found[pk] = Markup(f'<span class="rowtools">{tools}</span>')  # noqa: S704  (each part is escaped)
    return found


def _tool(name: str, label: str) -> str:
    if name != "delete":
        return button(label, "small", href=_PLACE)
    style, said = "button button--small button--caution", f'href="#delete-record" role="button" {_ASKS}'
    return f'<a class="{style}" {said} data-action="{_PLACE}">{written(label)}</a>'
