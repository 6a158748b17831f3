"""What the API of archive and of hukou registrations share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.cases.api import CaseApi
from app.fab.listing import Kinds
from app.household.search import DataContains, DataIs
from app.household.sheets import record_columns
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
