"""The API of the signings (api.md)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.documents.services import document_file
from app.doors.case_api import CaseApi
from app.doors.cases import cases_json
from app.doors.idempotency import Answer
from app.signing import forms
from app.signing.services import Invited, invite_graduates


class OnlineSigningApi(CaseApi):
    """W1: invitations to one or many graduates, and what becomes of them."""

    workflow = "online_signing"
    create_form = forms.InviteForm
    event_forms = {
        "withdraw": forms.WithdrawForm,
        "decline": forms.DeclineForm,
        "approve": forms.ApproveForm,
        "reject": forms.RejectForm,
        "void": forms.VoidForm,
        "edit_category": forms.CategoryForm,
    }
    exclude_route_methods = {"put", "attach"}

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Invite: 201 with what was created and refused; 409 with the same body when nothing was created."""
        outcome = invite_graduates(body.get("graduate_ids"), body, actor=actor)
        return (201 if outcome.created else 409), outcome_json(outcome, actor)

    def document_file(self, case: Any, *, actor: Actor) -> tuple[Any, str] | None:
        """The agreement's PDF, once the worker has made it."""
        return document_file(case)


def outcome_json(outcome: Invited, actor: Actor) -> dict[str, Any]:
    """{"result": {"created": [CASE…], "refused": [{graduate_id, code, message}…]}}; a refusal of all says why."""
    refused = [vars(refusal) for refusal in outcome.refused]
    body: dict[str, Any] = {"result": {"created": cases_json(outcome.created, actor), "refused": refused}}
    if not outcome.created and refused:
        body |= {"message": refused[0]["message"], "code": refused[0]["code"], "errors": {}}
    return body


def register(app: Flask) -> None:
    """Open the API."""
    app.appbuilder.add_api(OnlineSigningApi)  # type: ignore[attr-defined]
