"""户口信息管理: the list and review page (R2.4, R8.16)."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from app.household.admin import HouseholdView, add_list
from app.household.types import HUKOU


class HukouAdmin(HouseholdView):
    """户口信息管理."""

    workflow = HUKOU
    route_base = "/staff/hukous"
    list_title = _("Hukou information management")


def register(app: Flask) -> None:
    add_list(app, HukouAdmin, "house")
