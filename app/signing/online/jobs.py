"""What workers do for online signings: invitations to hundreds of graduates at once (R6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.access.actors import Actor
from app.base.database import session
from app.cases.records import cases_json
from app.codes.forms import read
from app.employers.guards import inviting_employer
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.schools.models import School
from app.schools.seasons.queries import limits_of
from app.signing.online.forms import InvitationForm
from app.signing.online.models import OnlineSigning
from app.signing.online.queries import online_signings_visible_to
from app.signing.online.services.invitations import (
    MOST_AT_ONCE,
    checked_ids,
    invite_graduates,
    letter_data,
    own_terms,
    refuse_too_soon,
)
from app.signing.online.sheets import result_columns
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.sheets import JobSheet
from app.workflow import background, engine
from app.workflow.models import Job, JobItem

KIND = "invitations"
MOST_IN_JOB = 2000


def needs_job(graduate_ids: Any) -> bool:
    """Whether these are too many graduates for one request."""
    return isinstance(graduate_ids, list | tuple) and len(set(map(str, graduate_ids))) > MOST_AT_ONCE


def start_invitations(
    graduate_ids: Sequence[int] | None,
    letter: Mapping[str, Any],
    *,
    actor: Actor,
    each: Sequence[Mapping[str, Any]] | None = None,
) -> Job:
    """Have a letter sent to many graduates of the unit's favorites by a worker; each is judged on its own.

    Called by users of a verified unit. Raises Forbidden (role), Conflict (`unverified`, `lapsed`), Invalid (letter or list).
    """
    engine.permits_creation(ONLINE_SIGNING, actor)
    employer = inviting_employer(actor)
    ids = checked_ids(graduate_ids, most=MOST_IN_JOB)
    own_terms(each)
    read_letter = read(InvitationForm, letter)
    refuse_too_soon(read_letter["valid_until"], limits_of(_invited(ids, employer.id)).values())
    clean = {**letter_data(read_letter), "external_id": read_letter.get("external_id")}
    known = _names(ids, employer.id)
    items = [{"graduate_id": one, **known.get(one, {})} for one in ids]
    return background.start(KIND, items, actor=actor, payload={"letter": clean, "each": list(each or ())})


def _invited(ids: Sequence[int], employer_id: int) -> Sequence[Any]:
    query = select(Graduate.id, Graduate.school_id, Graduate.province_id, Graduate.cohort).join(Favorite)
    return session.execute(query.where(Favorite.employer_id == employer_id, Graduate.id.in_(ids))).all()


def _names(ids: Sequence[int], employer_id: int) -> dict[int, dict[str, str]]:
    """Whom the unit has found itself may be named to it; of others it is told nothing."""
    query = (
        select(Graduate.id, Graduate.name, School.name)
        .join(Favorite, Favorite.graduate_id == Graduate.id)
        .join(School, School.id == Graduate.school_id)
        .where(Favorite.employer_id == employer_id, Graduate.id.in_(ids))
    )
    return {key: {"name": name, "school": school} for key, name, school in session.execute(query)}


def _invite(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    ids = [item.payload["graduate_id"] for item in items]
    each = [terms for terms in job.payload.get("each", ()) if terms["graduate_id"] in ids]
    invited = invite_graduates(ids, job.payload["letter"], actor=actor, each=each)
    told: dict[int, dict[str, Any]] = {case.graduate_id: {"ok": True, "case_id": case.id} for case in invited.created}
    for refusal in invited.refused:
        told[refusal.graduate_id] = {"ok": False, "code": refusal.code, "message": refusal.message}
    return [told[one] for one in ids]


def _counts(job: Job) -> dict[str, Any]:
    created = JobItem.outcome["ok"].as_boolean()
    query = select(func.count().filter(created)).where(JobItem.job_id == job.id)
    number = session.scalar(query) or 0
    return {"created": number, "refused": job.total - number}


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


background.kind(
    KIND,
    _invite,
    finish=_counts,
    portion=25,
    tell=job_outcome,
    sheet=JobSheet(_("Result of the invitations"), result_columns),
)
