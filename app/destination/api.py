"""The API of the destinations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.cases import forms as verdicts
from app.cases.api import CaseApi
from app.cases.progress import tell_changes
from app.cases.records import case_json
from app.destination import (
    dictionary as dictionary,  # offers dictionaries/destination_types
)
from app.destination import (
    forms,
)
from app.destination.queries import change_lines
from app.destination.services import edit_destination, register_destination
from app.destination.sheets import destination_columns
from app.fab.search import Equal, OneOf
from app.web import payload
from app.web.idempotency import Answer
from app.web.sheets import Column


class DestinationApi(CaseApi):
    """W6: destinations of every type; the fields of `data` come from dictionaries/destination_types."""

    workflow = "destination"
    create_form = forms.CreateForm
    update_form = forms.DestinationForm
    event_forms = {
        "withdraw": verdicts.WithdrawForm,
        "approve": verdicts.ApproveForm,
        "return": verdicts.ReturnForm,
        "reject": verdicts.RejectForm,
        "amend": forms.AmendForm,
        "void": forms.GiveUpForm,
    }
    search = {**CaseApi.search, "type": (Equal, OneOf)}
    order = (*CaseApi.order, "type")
    exclude_route_methods = {"document"}

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Begin a registration and hand it in; with "submit": false it stays a draft."""
        case = register_destination(body, submit=payload.wants_submit(body), actor=actor)
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Edit a draft or a returned registration."""
        return edit_destination(case_id, body, actor=actor)

    def columns(self) -> Sequence[Column]:
        """Every field that any type has."""
        return destination_columns()


def register(app: Flask) -> None:
    """Open the API, and let timelines tell corrections in words."""
    tell_changes("destination", change_lines)
    app.appbuilder.add_api(DestinationApi)  # type: ignore[attr-defined]
