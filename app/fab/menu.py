"""The menu of staff: each view says its own place in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask
from flask_babel import lazy_gettext as _


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
