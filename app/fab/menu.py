"""The menu of staff: each view says its own place in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access.actors import Actor
from app.web import modules
from app.web.current import actor_or_none
from app.web.drawing import written
from app.web.once import made_once
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


def is_visible(item: Any, actor: Actor | None, belongs: Callable[[str | None], bool] = modules.belongs_here) -> bool:
    """Whether the role has the entry, the reader works in its module, and a category has something to show."""
    if actor is None or not actor.may("menu_access", item.name) or not item.should_render():
        return False
    if item.childs:
        return any(is_visible(inner, actor, belongs) for inner in _entries(item))
    return belongs(getattr(item.baseview, "module", None))


def side_menu(badges: Mapping[str, int] | None) -> Markup:
    """The menu at the side as its reader may see it now, with what waits behind each entry."""
    shown, counts = _shown(actor_or_none()), badges or {}
    names = [name for group in shown.values() for name in group]
    app, path = current_app._get_current_object(), request.path  # type: ignore[attr-defined]
    here = [name for name, address in _addresses(app, request.script_root) if _is_at(path, address)]
    said = gettext("waiting for you")
    put = {f"at_{at}": badge(counts[name], "mine", said) for at, name in enumerate(names) if name in counts}
    return made_once(_drawn, shown, [name for name in names if name in here], **put)


def _shown(actor: Actor | None) -> dict[str, list[str]]:
    """By group the entries that the reader sees; asked of each at every call."""
    shown, belongs = {}, cache(modules.belongs_here)
    for group in _groups():
        if group.childs:
            names = [item.name for item in _entries(group) if is_visible(item, actor, belongs)]
            if names and actor is not None and actor.may("menu_access", group.name) and group.should_render():
                shown[group.name] = names
        elif is_visible(group, actor, belongs):
            shown[group.name] = [group.name]
    return shown


def _drawn(shown: Mapping[str, Sequence[str]], here: Sequence[str], **counts: Any) -> Markup:
    """These entries of these groups; `here` is where the reader is, `counts` what waits behind them."""
    groups, at = [], 0
    for group in _groups():
        links = []
        for item in _items(group) if group.name in shown else ():
            if item.name in shown[group.name]:
                links.append(_link(item, item.name in here, counts.get(f"at_{at}", "")))
                at += 1
        title = f'<p class="side__title">{written(str(group.label))}</p>' if group.childs else ""
        if links:
            groups.append(f'<div class="side__group">{title}{"".join(links)}</div>')
    return Markup("".join(groups))  # noqa: S704  (each part is escaped)


def _groups() -> Sequence[Any]:
    return list(current_app.appbuilder.menu.get_list())  # type: ignore[attr-defined]


def _entries(category: Any) -> Sequence[Any]:
    return [item for item in category.childs if item and item.name != "-"]


def _items(group: Any) -> Sequence[Any]:
    return _entries(group) if group.childs else [group]


def _link(item: Any, here: bool, count: Any) -> str:
    current = ' aria-current="page"' if here else ""
    label = f"{icon(item.icon or 'list')}<span>{written(str(item.label))}</span>{written(count)}"
    return f'<a href="{written(item.get_url())}"{current}>{label}</a>'


@lru_cache(maxsize=16)
def _addresses(app: Flask, root: str) -> Sequence[tuple[str, str]]:
    """Where each entry leads."""
    del app, root  # what decides it
    return [(item.name, item.get_url()) for group in _groups() for item in _items(group)]


def _is_at(path: str, address: str) -> bool:
    """Whether the path is the entry's or one below it."""
    if not address or path == address:
        return bool(address)
    if len(address) > len("/staff/") + 1 and path.startswith(address.rstrip("/") + "/"):
        return True
    return address.endswith("/list/") and path.startswith(address.removesuffix("list/"))
