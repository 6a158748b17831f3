"""The API of the destinations."""

from __future__ import annotations

from collections.abc import Sequence

from app.cases.api import CaseApi
from app.destination import (
    dictionary as dictionary,  # offers dictionaries/destination_types
)
from app.destination.sheets import destination_columns
from app.fab.search import Equal, OneOf
from app.web.sheets import Column


class DestinationApi(CaseApi):
    """W6: destinations of every type; the fields of `data` come from dictionaries/destination_types."""

    workflow = "destination"
    search = {**CaseApi.search, "type": (Equal, OneOf)}
    order = (*CaseApi.order, "type")

    def columns(self) -> Sequence[Column]:
        """Every field that any type has."""
        return destination_columns()
