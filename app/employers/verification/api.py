"""The API of the verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app.access.actors import Actor
from app.base.errors import Invalid
from app.cases.api import CaseApi
from app.cases.records import case_json
from app.employers import forms
from app.employers.models import EmployerVerification
from app.employers.verification.attachments import attach_file
from app.employers.verification.guards import ATTACHMENT_KINDS
from app.employers.verification.services import begin_verification, edit_verification
from app.employers.verification.sheets import verification_columns
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.web import payload
from app.web.idempotency import Answer
from app.web.sheets import Column


class VerificationApi(CaseApi):
    """单位身份认证 (R5.3-R5.5, R5.8)."""

    workflow = "verification"
    create_form = forms.VerificationForm
    event_forms = {
        "confirm_amount": forms.AmountForm,
        "approve": forms.ApproveForm,
        "return": forms.ReturnForm,
    }
    attachment_kinds = ATTACHMENT_KINDS
    exclude_route_methods = {"document"}
    search: Mapping[str, Kinds | None] = {
        "id": (Equal, OneOf),
        "state": (Equal, OneOf),
        "method": (Equal, OneOf),
        "employer_id": (Equal, OneOf),
        "created_at": None,
        "updated_at": None,
    }
    order: Sequence[str] = ("id", "created_at", "updated_at", "state")

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Begin; `submit` false leaves a draft."""
        case = begin_verification(body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Another method or account."""
        return edit_verification(case_id, body, actor=actor)

    def attach_file(self, case_id: int, kind: str, file: FileStorage, *, actor: Actor) -> dict[str, Any]:
        """Authorization letter, licence, other."""
        return attach_file(case_id, kind, file, actor=actor)

    def check_outcome(self, event: str, case: EmployerVerification) -> None:
        """A wrong amount is a wrong field; the try has been counted."""
        if event == "confirm_amount" and case.state == "awaiting_amount":
            left = case.data["tries_left"]
            raise Invalid({"amount": [_("This is not the amount that was remitted. %(left)s tries left.", left=left)]})

    def columns(self) -> Sequence[Column]:
        """No graduate is in these records."""
        return verification_columns()


def register(app: Flask) -> None:
    app.appbuilder.add_api(VerificationApi)  # type: ignore[attr-defined]
