"""FAB's doors of the room: 账号管理."""

from __future__ import annotations

from flask import Blueprint, Flask

from app.staff.admin import accounts


def register(app: Flask) -> None:
    """Open the pages."""
    app.register_blueprint(Blueprint("staff_accounts", __name__, template_folder="../templates"))
    accounts.register(app)
