"""The only writer of what units say of records that name them. It decides nothing: the record stays as it is (B13)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.access import audit
from app.access.actors import EMPLOYER, GRADUATE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import NotFound
from app.codes.forms import read
from app.employers.guards import verified_employer
from app.employers.models import Employer
from app.recognition.forms import AnswerForm
from app.recognition.models import Recognition
from app.recognition.queries import NAMING, VIEW, named
from app.workflow import outbox

ANSWERED = "record_answered"  # the message by which the signals hear of it
DISOWNED, OWNED = "record_disowned", "record_owned"  # what the graduate is told


def answer_record(workflow: str, case_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Recognition:
    """Say whether a record that names the own unit is its own, or why not; the last word counts.

    For users of the verified unit of just this code who may do more than look. Said again it changes nothing. Raises
    Forbidden, Conflict `unverified`, NotFound, Invalid.
    """
    require(actor, "can_answer", VIEW, kinds=(EMPLOYER,))
    with transaction():
        # Of two presses one comes second.
        unit = session.get_one(Employer, verified_employer(actor).id, with_for_update=True, populate_existing=True)
        case = _named_case(workflow, case_id, unit)
        clean = read(AnswerForm, sent)
        ours, reason = clean["ours"], None if clean["ours"] else clean["reason"].strip()
        where = (Recognition.workflow == workflow, Recognition.case_id == case_id, Recognition.employer_id == unit.id)
        row = session.scalar(select(Recognition).where(*where))
        if row is not None and (row.ours, row.reason, row.uscc) == (ours, reason, unit.uscc):
            return row
        denied = row is not None and not row.ours
        if row is None:
            row = Recognition(workflow=workflow, case_id=case_id, employer_id=unit.id, cohort=case.cohort)
            session.add(row)
        row.ours, row.reason, row.uscc = ours, reason, unit.uscc or ""
        row.answered_by, row.answered_by_id, row.answered_at = actor.name, actor.user_id, clock.now()
        session.flush()
        detail = {"ours": ours, "reason": reason, "unit": unit.name}
        audit.record(ANSWERED, actor=actor, subject=f"{workflow} {case_id}", about=case, detail=detail)
        told = {"workflow": workflow, "case_id": case_id}
        outbox.post(ANSWERED, told, key=f"{ANSWERED}:{workflow}:{case_id}:{secrets.token_hex(8)}")
        if ours == denied:  # a first “ours” is no news
            _tell_graduate(OWNED if ours else DISOWNED, row, unit)
    return row


def _tell_graduate(template: str, row: Recognition, unit: Employer) -> None:
    facts = {"unit": unit.name, "reason": row.reason or ""}
    payload = {"workflow": row.workflow, "case_id": row.case_id, "template": template, "to": [GRADUATE], "facts": facts}
    key = f"{template}:{row.id}:{secrets.token_hex(8)}"
    outbox.post("notice", payload, key=key, workflow=row.workflow, case_id=row.case_id)


def _named_case(workflow: str, case_id: int, unit: Employer) -> Any:
    if workflow not in NAMING or not unit.uscc:
        raise NotFound()
    model, _code = NAMING[workflow]
    query = select(model).where(model.id == case_id, named(workflow, unit)).options(*model.eager_options())
    case = session.scalar(query)
    if case is None:
        raise NotFound()
    return case
