"""户口信息管理: the list and review page (R2.4, R8.16)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.fab.menu import Entry
from app.fab.search import SealedContains
from app.household.admin import HouseholdView
from app.household.types import HUKOU


class HukouAdmin(HouseholdView):
    """户口信息管理."""

    workflow = HUKOU
    route_base = "/staff/hukous"
    menu = Entry("hukou", "house", "students")
    search_kinds = {**HouseholdView.search_kinds, "address": (SealedContains,)}  # where people live
    list_title = _("Hukou information management")
