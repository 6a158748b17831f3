"""The API of hukou registrations."""

from __future__ import annotations

from app.fab.search import SealedContains
from app.household.api import HouseholdApi
from app.household.types import HUKOU


class HukouApi(HouseholdApi):
    """W8 户口信息登记."""

    workflow = HUKOU
    search = {**HouseholdApi.search, "address": (SealedContains,)}
