"""The API of archive registrations."""

from __future__ import annotations

from collections.abc import Sequence

from app.household.api import HouseholdApi
from app.household.archive.sheets import archive_columns
from app.household.types import ARCHIVE
from app.web.sheets import Column


class ArchiveApi(HouseholdApi):
    """W7 档案信息登记."""

    workflow = ARCHIVE

    def columns(self) -> Sequence[Column]:
        """With who takes the archive."""
        return archive_columns()
