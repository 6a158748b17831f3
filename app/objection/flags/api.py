"""The API of units' objections to marks on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.cases.api import CaseApi
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.objection.flags.sheets import objection_columns
from app.web.sheets import Column


class FlagObjectionApi(CaseApi):
    """Objections of units to marks on them: a unit objects, the school answers, the province sees and may lift."""

    workflow = "flag_objection"
    search: Mapping[str, Kinds | None] = {
        **dict.fromkeys(("id", "state", "stage", "waits_for"), (Equal, OneOf)),
        **dict.fromkeys(("employer_id", "school_id", "province_id", "warning_id", "uscc"), (Equal, OneOf)),
        "created_at": None,
        "updated_at": None,
    }
    order: Sequence[str] = ("id", "created_at", "updated_at", "state")

    def columns(self) -> Sequence[Column]:
        """No graduate is in these records."""
        return objection_columns()
