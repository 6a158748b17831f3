"""The API of the offline terminations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.cases import forms as verdicts
from app.cases.api import CaseApi
from app.cases.records import case_json
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.termination.offline.forms import ApplicationForm, SettlementForm
from app.termination.offline.models import LETTER, STATEMENT
from app.termination.offline.services import begin_offline_termination, edit_offline_termination
from app.web import payload
from app.web.idempotency import Answer


class OfflineTerminationApi(CaseApi):
    """W5: a graduate's applications to be released from an offline or supplementary signing (R7.7)."""

    workflow = "offline_termination"
    create_form = ApplicationForm
    event_forms = {
        "withdraw": verdicts.WithdrawForm,
        "approve": SettlementForm,
        "return": verdicts.ReturnForm,
        "reject": verdicts.RejectForm,
    }
    attachment_kinds = (LETTER, STATEMENT)
    exclude_route_methods = {"document"}
    search: Mapping[str, Kinds | None] = {
        **CaseApi.search,
        "signing_workflow": (Equal, OneOf),
        "signing_id": (Equal, OneOf),
        "reason_code": (Equal, OneOf),
        "settlement": (Equal, OneOf),
    }

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Apply; `submit` false leaves a draft."""
        case = begin_offline_termination(body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Another reason or other words."""
        return edit_offline_termination(case_id, body, actor=actor)


def register(app: Flask) -> None:
    """Open the API."""
    app.appbuilder.add_api(OfflineTerminationApi)  # type: ignore[attr-defined]
