"""The only writers of spot checks: the draw, and what a look at each record has shown. No record changes by it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import String, cast, func, literal, select, union_all

from app.access import audit
from app.access.actors import OPERATOR, PROVINCE, SCHOOL, Actor, require
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Invalid, NotFound
from app.destination.models import Destination
from app.schools.models import School
from app.signals.queries.shown import MODULE
from app.signals.sampling.models import RESULTS, CheckedRecord, SpotCheck
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow.stages import Stage

VIEW: Final = "spot_checks"
READERS: Final = (OPERATOR, PROVINCE, SCHOOL)
MOST: Final = 200
_FIRST: Final = date(2000, 1, 1)  # no record is older
_DRAWN_FROM: Final = (OnlineSigning, OfflineSigning, Supplementary, Destination)


def draw(count: int, since: date, until: date, *, actor: Actor) -> SpotCheck:
    """Draw so many of the records in scope that came into force between two days, both inclusive.

    Called by schools, provinces and operators. The same seed draws the same records. Raises Forbidden, Invalid.
    """
    with transaction():
        require(actor, "can_draw", VIEW, kinds=READERS, module=MODULE)
        if not 1 <= count <= MOST:
            raise Invalid({"count": [_("Please give a number from 1 to %(most)s.", most=MOST)]})
        if since > until:
            raise Invalid({"until": [_("The last day must not lie before the first.")]})
        seed = secrets.token_hex(8)
        rows, total = _drawn(count, since, until, seed, actor)
        if not rows:
            raise Invalid({"since": [_("Nothing in your scope came into force in these days.")]})
        check = SpotCheck(since=since, until=until, seed=seed, of=total, made_by=actor.name, **_office(actor))
        check.records = [
            CheckedRecord(position=place, workflow=name, case_id=key) for place, (name, key) in enumerate(rows, start=1)
        ]
        session.add(check)
        session.flush()
        detail = {"seed": seed, "of": total, "drawn": len(rows)}
        audit.record("spot_check_drawn", actor=actor, subject=f"{VIEW} {check.id}", detail=detail)
    return check


def _drawn(count: int, since: date, until: date, seed: str, actor: Actor) -> tuple[Sequence[tuple[str, int]], int]:
    span = (max(since, _FIRST), min(until, clock.today()) + timedelta(days=1))  # days at the ends of time are none
    first, last = (datetime.combine(day, time(), clock.SHANGHAI) for day in span)
    parts = [
        select(literal(model.workflow_name, String).label("workflow"), model.id.label("id")).where(
            in_scope(model, actor),
            model.stage == Stage.IN_FORCE,
            model.invalid_since.is_(None),
            model.state_since >= first,
            model.state_since < last,
        )
        for model in _DRAWN_FROM
    ]
    every = union_all(*parts).subquery()
    lot = func.md5(func.concat(seed, ":", every.c.workflow, ":", cast(every.c.id, String)))
    query = select(every.c.workflow, every.c.id, func.count().over()).order_by(lot).limit(count)
    rows = session.execute(query).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def _office(actor: Actor) -> dict[str, Any]:
    if actor.school_id is None:
        return {"province_id": actor.province_id, "school_id": None}
    province = session.scalar(select(School.province_id).where(School.id == actor.school_id))
    return {"province_id": province, "school_id": actor.school_id}


def check_for(check_id: int, actor: Actor, *, hold: bool = False) -> SpotCheck:
    """The draw of the own office, or of one below it; raises NotFound."""
    query = select(SpotCheck).where(SpotCheck.id == check_id, in_scope(SpotCheck, actor))
    query = query.options(*SpotCheck.eager_options()).execution_options(populate_existing=True)
    check = session.scalar(query.with_for_update(of=SpotCheck) if hold else query)
    if check is None:
        raise NotFound()
    return check


def keep_result(check_id: int, position: int, result: str, note: str, *, actor: Actor) -> CheckedRecord:
    """Keep what a look at the originals has shown; a later look takes the place of the earlier one.

    Raises NotFound, Forbidden, Invalid.
    """
    with transaction():
        check = check_for(check_id, actor, hold=True)
        require(actor, "can_check", VIEW, kinds=READERS, module=MODULE)
        record = next((one for one in check.records if one.position == position), None)
        if record is None:
            raise NotFound()
        note = note.strip()
        if result not in RESULTS:
            raise Invalid({"result": [_("Please choose what you have found.")]})
        if len(note) > 500 or "\x00" in note:
            raise Invalid({"note": [_("Please write at most 500 characters.")]})
        record.result, record.note = result, note
        record.checked_by, record.checked_at = actor.name, clock.now()
        detail = {"workflow": record.workflow, "case_id": record.case_id, "result": result, "note": note}
        audit.record("spot_check_result", actor=actor, subject=f"{VIEW} {check.id}", detail=detail)
    return record
