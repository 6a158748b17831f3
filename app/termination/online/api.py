"""The API of the online terminations."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.cases.api import CaseApi
from app.cases.forms import ExplanationForm, NoteForm, RejectForm, WithdrawForm
from app.cases.records import case_json
from app.termination.online import forms
from app.termination.online.services import start_termination
from app.web.idempotency import Answer


class OnlineTerminationApi(CaseApi):
    """W4: one side asks to end an agreement, the other answers, the school reviews."""

    workflow = "online_termination"
    create_form = forms.StartForm
    event_forms = {
        "refuse": forms.RefuseForm,
        "withdraw": WithdrawForm,
        "approve": NoteForm,
        "reject": RejectForm,
        "force": ExplanationForm,
    }
    exclude_route_methods = {"put", "attach", "document"}

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Start: {"signing_id", "reason_code", "reason"} by the graduate, {"signing_id", "reason"} by the unit."""
        case = start_termination(body.get("signing_id"), body, actor=actor)
        return 201, {"id": case.id, "result": case_json(case, actor)}


def register(app: Flask) -> None:
    """Open the API."""
    app.appbuilder.add_api(OnlineTerminationApi)  # type: ignore[attr-defined]
