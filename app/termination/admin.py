"""解约管理 for staff: one entry of the menu, a tab for each workflow (R8.7)."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for
from flask_babel import lazy_gettext as _

from app.access.actors import STAFF
from app.doors import links
from app.termination.offline_admin import OfflineTerminationAdmin

# In the order of the tabs; the menu's entry leads to the first.
LISTS: tuple[tuple[Any, Any], ...] = ((OfflineTerminationAdmin, _("Offline")),)


def register(app: Flask) -> None:
    """Open the lists and name the staff's page of a record; the templates of both lists draw the tabs."""
    builder: Any = app.appbuilder  # type: ignore[attr-defined]
    first, *others = (view for view, _label in LISTS)
    builder.add_view(
        first,
        "termination",
        label=_("Termination management"),
        category="students",
        icon="file-x",
        category_label=_("Student management"),
    )
    for view in others:
        builder.add_view_no_menu(view)
    for view, _label in LISTS:
        for kind in STAFF:
            links.declare(view.workflow, kind, f"{view.__name__}.show", "pk")
    app.jinja_env.globals["termination_lists"] = _tabs


def _tabs() -> list[tuple[str, str, str, str]]:
    """Endpoint, label, address and workflow of each tab."""
    ends = [(f"{view.__name__}.list", view, label) for view, label in LISTS]
    return [(endpoint, str(label), url_for(endpoint), view.workflow) for endpoint, view, label in ends]
