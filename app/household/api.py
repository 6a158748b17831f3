"""The API of archive and hukou registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask

from app.cases.api import CaseApi
from app.fab.listing import Kinds
from app.household.filters import DataContains, DataIs
from app.household.sheets import record_columns
from app.household.types import ARCHIVE, HUKOU
from app.web.sheets import Column

SEARCH: Mapping[str, Kinds | None] = {
    **CaseApi.search,
    "transfer_type": (DataIs,),
    "region": (DataIs,),
    "address": (DataContains,),
}


class HouseholdApi(CaseApi):
    """What both have in common; the kind is the workflow's name."""

    search = SEARCH

    def columns(self) -> Sequence[Column]:
        """Those of the lists of provinces and schools."""
        return record_columns(self.workflow)


class ArchiveApi(HouseholdApi):
    """W7 档案信息登记."""

    workflow = ARCHIVE


class HukouApi(HouseholdApi):
    """W8 户口信息登记."""

    workflow = HUKOU


def register(app: Flask) -> None:
    for api in (ArchiveApi, HukouApi):
        app.appbuilder.add_api(api)  # type: ignore[attr-defined]
