"""The API of the signings."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.access.actors import Actor
from app.base.database import session
from app.cases.api import CaseApi
from app.cases.records import cases_json
from app.signing.online import letter_templates_api as template_api
from app.signing.online.bulk import KIND, needs_job, start_invitations
from app.signing.online.models import OnlineSigning
from app.signing.online.queries import online_signings_visible_to
from app.signing.online.services import Invited, invite_graduates
from app.web.idempotency import Answer
from app.workflow import background
from app.workflow.models import Job


class OnlineSigningApi(CaseApi):
    """W1: invitations to one or many graduates, and what becomes of them."""

    workflow = "online_signing"

    def create(self, body: dict[str, Any], *, actor: Actor) -> Answer:
        """Invite: 201 with what was created and refused; 409 with the same body when nothing was; 202 for many."""
        if needs_job(body.get("graduate_ids")):
            return 202, {"job_id": start_invitations(body["graduate_ids"], body, actor=actor).id}
        outcome = invite_graduates(body.get("graduate_ids"), body, actor=actor)
        return (201 if outcome.created else 409), outcome_json(outcome, actor)


def outcome_json(outcome: Invited, actor: Actor) -> dict[str, Any]:
    """{"result": {"created": [CASE…], "refused": [{graduate_id, code, message}…]}}; a refusal of all says why."""
    refused = [vars(refusal) for refusal in outcome.refused]
    body: dict[str, Any] = {"result": {"created": cases_json(outcome.created, actor), "refused": refused}}
    if not outcome.created and refused:
        body |= {"message": refused[0]["message"], "code": refused[0]["code"], "errors": {}}
    return body


def job_outcome(job: Job, actor: Actor) -> dict[str, Any]:
    """What became of invitations sent by a job, in the same words as of those sent at once."""
    told = [(item.payload["graduate_id"], item.outcome or {}) for item in background.items_of(job)]
    ids = [outcome["case_id"] for _graduate_id, outcome in told if outcome.get("ok")]
    query = online_signings_visible_to(actor).where(OnlineSigning.id.in_(ids)).order_by(OnlineSigning.id)
    refused = [
        {"graduate_id": graduate_id, "code": outcome.get("code"), "message": outcome.get("message")}
        for graduate_id, outcome in told
        if not outcome.get("ok")
    ]
    return {"result": {"created": cases_json(list(session.scalars(query)), actor), "refused": refused}}


def register(app: Flask) -> None:
    """Open the API."""
    background.tell(KIND, job_outcome)
    app.appbuilder.add_api(OnlineSigningApi)  # type: ignore[attr-defined]
    template_api.register(app)
