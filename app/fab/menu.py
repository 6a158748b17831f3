"""The menu of staff: each view says its own place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Flask, current_app, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access.actors import Actor
from app.web import modules
from app.web.current import actor_or_none
from app.web.drawing import written
from app.web.parts import badge, icon


class Entry(NamedTuple):
    """What a view's `menu` says; roles are given the `name`."""

    name: str
    icon: str
    category: str = ""
    label: Any = ""  # the title of its list if left out
    cond: Callable[[], bool] | None = None


_CATEGORIES: dict[str, Any] = {
    "access": _("Access"),
    "operations": _("Operations"),
    "places": _("Places"),
    "reference": _("Reference data"),
    "statistics": _("Statistics"),
    "students": _("Student management"),
    "units": _("Units"),
}


def open_view(app: Flask, view: Any) -> None:
    """Serve the view, with an entry in the menu if it asks for one."""
    builder = app.appbuilder  # type: ignore[attr-defined]
    entry: Entry | None = getattr(view, "menu", None)
    if entry is None:
        builder.add_view_no_menu(view)
        return
    builder.add_view(
        view,
        entry.name,
        label=entry.label or view.list_title,
        icon=entry.icon,
        category=entry.category,
        category_label=_CATEGORIES.get(entry.category, ""),
        category_icon="settings" if entry.category == "operations" else "",
        menu_cond=entry.cond,
    )


def is_visible(item: Any, actor: Actor | None) -> bool:
    """Whether the role has the entry, the reader works in its module, and a category has something to show."""
    if actor is None or not actor.may("menu_access", item.name) or not item.should_render():
        return False
    if item.childs:
        return any(is_visible(inner, actor) for inner in _entries(item))
    return modules.belongs_here(getattr(item.baseview, "module", None))


def side_menu(badges: Mapping[str, int] | None) -> Markup:
    """The menu at the side as its reader may see it now, with what waits behind each entry."""
    actor, counts = actor_or_none(), badges or {}
    groups = []
    for group in current_app.appbuilder.menu.get_list():  # type: ignore[attr-defined]
        if group.childs:
            shown = [item for item in _entries(group) if is_visible(item, actor)]
            title = f'<p class="side__title">{written(str(group.label))}</p>'
            may = shown and actor is not None and actor.may("menu_access", group.name) and group.should_render()
        else:
            shown, title, may = [group], "", is_visible(group, actor)
        if may:
            groups.append(f'<div class="side__group">{title}{"".join(_link(one, counts) for one in shown)}</div>')
    return Markup("".join(groups))  # noqa: S704  (each part is escaped)


def _entries(category: Any) -> Sequence[Any]:
    return [item for item in category.childs if item and item.name != "-"]


def _link(item: Any, counts: Mapping[str, int]) -> str:
    address = item.get_url()
    current = ' aria-current="page"' if address and _is_here(address) else ""
    count = badge(counts.get(item.name), "mine", gettext("waiting for you"))
    label = f"{icon(item.icon or 'list')}<span>{written(str(item.label))}</span>{count}"
    return f'<a href="{written(address)}"{current}>{label}</a>'


def _is_here(address: str) -> bool:
    """Whether the present page is the entry's or one below it."""
    path = request.path
    if path == address or (len(address) > len("/staff/") + 1 and path.startswith(address.rstrip("/") + "/")):
        return True
    return address.endswith("/list/") and path.startswith(address.removesuffix("list/"))
