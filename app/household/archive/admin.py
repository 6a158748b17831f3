"""档案信息管理: the list and review page (R2.4, R8.16)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from app.fab.menu import Entry
from app.household.admin import HouseholdView
from app.household.archive.sheets import archive_columns
from app.household.types import ARCHIVE
from app.web.sheets import Column


class ArchiveAdmin(HouseholdView):
    """档案信息管理."""

    workflow = ARCHIVE
    route_base = "/staff/archives"
    menu = Entry("archive", "folder", "students")
    list_title = _("Archive information management")

    def columns(self) -> Sequence[Column]:
        """With who takes the archive."""
        return archive_columns()
