"""The API of the signings on paper: W2 with its upload links, W3."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.clock import moment
from app.cases.api import CaseApi
from app.cases.forms import ApproveForm, RejectForm, ReturnForm, VoidForm, WithdrawForm
from app.cases.records import case_json
from app.documents.services import document_file
from app.fab.api import expose, json_answer
from app.fab.listing import Kinds
from app.fab.search import Equal
from app.signing.paper import services
from app.signing.paper.attachments import OFFLINE_KINDS, SUPPLEMENTARY_KINDS
from app.signing.paper.forms import EditCategoryForm, OfflineForm, SupplementaryForm
from app.signing.paper.links import create_upload_link, revoke_upload_link
from app.web import payload
from app.web.idempotency import Answer
from app.web.numbers import row_id

EVENT_FORMS = {
    "withdraw": WithdrawForm,
    "approve": ApproveForm,
    "return": ReturnForm,
    "reject": RejectForm,
    "void": VoidForm,
    "edit_category": EditCategoryForm,
}
SEARCH: dict[str, Kinds | None] = {**CaseApi.search, "unit_name": (Equal,), "unit_uscc": (Equal,)}
del SEARCH["employer_id"]  # the unit is typed, none of the platform


class OfflineSigningApi(CaseApi):
    """W2: an agreement that is made here and signed on paper."""

    workflow = "offline_signing"
    create_form = OfflineForm
    event_forms = EVENT_FORMS
    attachment_kinds = tuple(kind.name for kind in OFFLINE_KINDS)
    search = SEARCH

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Apply; `submit` false leaves a draft."""
        case = services.begin_offline_signing(body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Other data for a draft, or after a return of the agreement."""
        return services.edit_application(self.workflow, case_id, body, actor=actor)

    def document_file(self, case: Any, *, actor: Actor) -> tuple[Any, str] | None:
        """The agreement to print and stamp, once the worker has made it."""
        return document_file(case, "offline_agreement")

    @expose("/<int:pk>/upload_link", methods=["POST"])
    def send_link(self, pk: int) -> Response:
        """Send the unit a link for the stamped copy.
        ---
        post:
          summary: Send the unit a link by SMS or mail; a link that is still open ends
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    phone: {type: string, description: mobile number}
                    email: {type: string}
          responses:
            201:
              description: The link
              content:
                application/json:
                  schema:
                    type: object
                    required: [url, expires_at]
                    properties:
                      url: {type: string}
                      expires_at: {type: string, format: date-time}
                      sent_to: {type: string, description: masked}
        """
        link, url = create_upload_link(row_id(pk), self.body(), actor=self.actor())
        return json_answer(201, {"url": url, "expires_at": moment(link.expires_at), "sent_to": link.sent_to})

    @expose("/<int:pk>/upload_link", methods=["DELETE"])
    def revoke_link(self, pk: int) -> Response:
        """Take the link back.
        ---
        delete:
          summary: End the open link
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: Ended
              content:
                application/json:
                  schema: {type: object, required: [message], properties: {message: {type: string}}}
        """
        revoke_upload_link(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The link can no longer be used.")})


class SupplementaryApi(CaseApi):
    """W3: an agreement that was signed on paper before."""

    workflow = "supplementary"
    create_form = SupplementaryForm
    event_forms = EVENT_FORMS
    attachment_kinds = tuple(kind.name for kind in SUPPLEMENTARY_KINDS)
    exclude_route_methods = {"document"}
    search = SEARCH

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Register; `submit` false leaves a draft, to which the pictures are added."""
        case = services.begin_supplementary(body, actor=actor, submit=payload.wants_submit(body))
        return 201, {"id": case.id, "result": case_json(case, actor)}

    def update(self, case_id: int, body: dict[str, Any], *, actor: Actor) -> Any:
        """Other data for a draft, or after a return."""
        return services.edit_application(self.workflow, case_id, body, actor=actor)


def register(app: Flask) -> None:
    """Open the APIs of both workflows."""
    app.appbuilder.add_api(OfflineSigningApi)  # type: ignore[attr-defined]
    app.appbuilder.add_api(SupplementaryApi)  # type: ignore[attr-defined]
