"""The API of the yearly renewals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.access.actors import Actor
from app.base.errors import Forbidden
from app.cases.api import Answer, CaseApi
from app.employers.renewal.sheets import renewal_columns
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.web.sheets import Column


class UnitRenewalApi(CaseApi):
    """年度复核: the program begins one when a verification is about to end, an owner confirms, an operator judges."""

    workflow = "unit_renewal"
    search: Mapping[str, Kinds | None] = {
        **dict.fromkeys(("id", "state", "stage", "waits_for", "employer_id"), (Equal, OneOf)),
        "created_at": None,
        "updated_at": None,
    }
    order: Sequence[str] = ("id", "created_at", "updated_at", "state")

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Nobody begins one: the clock does, thirty days before a verification ends. Raises Forbidden."""
        raise Forbidden()

    def columns(self) -> Sequence[Column]:
        """No graduate is in these records."""
        return renewal_columns()
