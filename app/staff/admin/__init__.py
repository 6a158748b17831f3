"""FAB's doors of the room: 账号管理."""

from __future__ import annotations

from flask import Flask

from app.staff.admin import accounts


def register(app: Flask) -> None:
    accounts.register(app)
