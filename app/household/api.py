"""The API of archive and hukou registrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.cases.api import CaseApi
from app.cases.forms import ApproveForm, RejectForm, ReturnForm, WithdrawForm
from app.cases.records import case_json
from app.fab.listing import Kinds
from app.household import forms
from app.household.filters import DataContains, DataIs
from app.household.services import create_record, edit_record
from app.household.sheets import record_columns
from app.household.types import ARCHIVE, HUKOU
from app.web import payload
from app.web.idempotency import Answer
from app.web.sheets import Column

SEARCH: Mapping[str, Kinds | None] = {
    **CaseApi.search,
    "transfer_type": (DataIs,),
    "region": (DataIs,),
    "address": (DataContains,),
}
EVENTS = {"withdraw": WithdrawForm, "approve": ApproveForm, "return": ReturnForm, "reject": RejectForm}


class HouseholdApi(CaseApi):
    """What both have in common; the kind is the workflow's name."""

    search = SEARCH
    exclude_route_methods = {"attach", "document"}

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Register, or register a change; `submit` false leaves a draft."""
        case = create_record(self.workflow, body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Change a draft or a record that was sent back."""
        return edit_record(self.workflow, case_id, body, actor=actor)

    def columns(self) -> Sequence[Column]:
        """Those of the lists of provinces and schools."""
        return record_columns(self.workflow)


class ArchiveApi(HouseholdApi):
    """W7 档案信息登记."""

    workflow = ARCHIVE
    create_form = forms.ArchiveForm
    event_forms = {**EVENTS, "amend": forms.AmendArchiveForm}


class HukouApi(HouseholdApi):
    """W8 户口信息登记."""

    workflow = HUKOU
    create_form = forms.HukouForm
    event_forms = {**EVENTS, "amend": forms.AmendHukouForm}


def register(app: Flask) -> None:
    """Open the API."""
    for api in (ArchiveApi, HukouApi):
        app.appbuilder.add_api(api)  # type: ignore[attr-defined]
