"""解约管理 for staff: one entry of the menu, a tab for each workflow (R8.7)."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from app.termination.offline_admin import OfflineTerminationAdmin
from app.termination.online_admin import OnlineTerminationAdmin


def register(app: Flask) -> None:
    """Open the lists in the order of their tabs; the menu's entry leads to the first."""
    app.appbuilder.add_view(  # type: ignore[attr-defined]
        OnlineTerminationAdmin,
        OnlineTerminationAdmin.menu_name,
        label=_("Termination management"),
        category="students",
        icon="file-x",
        category_label=_("Student management"),
    )
    app.appbuilder.add_view_no_menu(OfflineTerminationAdmin)  # type: ignore[attr-defined]
