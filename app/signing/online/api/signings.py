"""The API of the online signings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from marshmallow import fields

from app.access.actors import Actor
from app.cases.api import CaseApi
from app.cases.openapi import CaseShape
from app.cases.records import cases_json
from app.fab.api import describe, expose, json_answer
from app.fab.search import Equal, OneOf
from app.fab.shapes import JOB, ErrorShape, Shape, group, list_of, with_fields
from app.signing.online.jobs import MOST_IN_JOB, needs_job, start_invitations
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import Invited, invite_graduates, read_signing, try_invitations
from app.signing.online.sheets import signing_columns
from app.web.idempotency import Answer
from app.web.sheets import Column


class RefusalShape(Shape):
    """Why a graduate could not be invited."""

    graduate_id = fields.Integer()
    code = fields.String()
    message = fields.String()


_INVITED = group(
    ("result",),
    result=group(("created", "refused"), created=list_of(CaseShape), refused=list_of(RefusalShape)),
)


_TRIED = group(
    ("result",),
    result=group(
        ("possible", "refused"),
        possible=list_of(group(("graduate_id",), graduate_id={"type": "integer"})),
        refused=list_of(RefusalShape),
    ),
)


class OnlineSigningApi(CaseApi):
    """W1: invitations to one or many graduates, and what becomes of them."""

    workflow = "online_signing"
    search = {**CaseApi.search, "external_id": (Equal, OneOf)}

    @expose("/", methods=["POST"])
    @describe(
        _INVITED, status=201, also={200: _TRIED, 202: JOB, 409: with_fields(ErrorShape, **_INVITED["properties"])}
    )
    def post(self) -> Response:
        """Invite: what was created and what was refused, one by one; 409 when nothing was, a job for many.

        With "dry_run": true nothing is sent, and the answer says who could be invited and who not.
        """
        return json_answer(*self.create(self.body(), actor=self.actor()))

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Invite: 201 with what was created and refused; 409 with the same body when nothing was; 202 for many."""
        wanted, each = body.get("graduate_ids"), body.get("each")
        if body.get("dry_run") is True:
            tried = try_invitations(wanted, actor=actor, most=MOST_IN_JOB)
            possible = [{"graduate_id": graduate.id} for graduate in tried.possible]
            return 200, {"result": {"possible": possible, "refused": [vars(refusal) for refusal in tried.refused]}}
        if needs_job(wanted):
            return 202, {"job_id": start_invitations(wanted, body, actor=actor, each=each).id}
        outcome = invite_graduates(wanted, body, actor=actor, each=each)
        return (201 if outcome.created else 409), outcome_json(outcome, actor)

    def load(self, case_id: int) -> OnlineSigning:
        """An invitation that its graduate opens here has been seen like one on the page."""
        return read_signing(case_id, actor=self.actor())

    def columns(self) -> Sequence[Column]:
        """With what was offered and when it was read."""
        return signing_columns()


def outcome_json(outcome: Invited, actor: Actor) -> dict[str, Any]:
    """{"result": {"created": [CASE…], "refused": [{graduate_id, code, message}…]}}; a refusal of all says why."""
    refused = [vars(refusal) for refusal in outcome.refused]
    body: dict[str, Any] = {"result": {"created": cases_json(outcome.created, actor), "refused": refused}}
    if not outcome.created and refused:
        body |= {"message": refused[0]["message"], "code": refused[0]["code"], "errors": {}}
    return body
