"""Cases over all workflows: what waits for a reviewer, what was voided or had ended before (R8.3, R8.12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.access.actors import DEPARTMENT, PROVINCE, SCHOOL, Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base import clock
from app.base.database import session
from app.base.kept import Kept
from app.cases.models import CaseMixin
from app.roster.models import Claim
from app.workflow import engine, history, queues, registry
from app.workflow.models import History, HistoryHead
from app.workflow.stages import Stage
from app.workflow.table import Workflow

MOST_EARLIER = 10
FEWEST_VERDICTS: Final = 10  # below that a middle says nothing, and too much of single cases
_LATELY, _ASKED_EVERY, _MOST_STEPS = timedelta(days=60), 3600, 20_000
VERDICTS = ("approve", "return", "reject")
# By these events graduates hand something in: a destination or a signing on paper, the answer to an invitation.
SUBMISSIONS = ("submit", "upload", "accept")


@dataclass(frozen=True)
class VoidedRecord:
    """One voided case of a graduate."""

    workflow: Workflow
    case: Any
    reason: str


def voiding_workflows() -> list[Workflow]:
    """The workflows whose cases can be voided."""
    return [flow for flow in registry.all_workflows() if flow.states_in(Stage.VOIDED)]


def graduates_without_successor(actor: Actor) -> Select[tuple[int]]:
    """Ids of graduates in scope whose last claim on signing or destination was voided, with nothing handed in since."""
    models: list[Any] = [flow.model for flow in voiding_workflows()]
    branches = [
        select(model.graduate_id.label("graduate_id"), model.state_since.label("at")).where(
            in_scope(model, actor), model.stage == Stage.VOIDED
        )
        for model in models
    ]
    every = union_all(*branches).subquery()
    last = select(every.c.graduate_id, func.max(every.c.at).label("at")).group_by(every.c.graduate_id).subquery()
    later = [
        exists(
            select(1)
            .select_from(model)
            .join(History, and_(History.workflow == model.workflow_name, History.case_id == model.id))
            .where(
                model.graduate_id == last.c.graduate_id,
                History.event.in_(SUBMISSIONS),
                History.at > last.c.at,
            )
        )
        for model in models
    ]
    bound = exists(select(1).where(Claim.graduate_id == last.c.graduate_id))
    return select(last.c.graduate_id).where(~bound, ~or_(*later))


def voided_records(graduate_id: int, *, actor: Actor, but: Any = None) -> list[VoidedRecord]:
    """Everything of a graduate that was voided, newest first; `but`: the case that is being looked at.

    For staff: within their scope, of the workflows that they may read. One statement a workflow.
    """
    found = []
    for flow in voiding_workflows():
        model: Any = flow.model
        if not (actor.reads(flow.module) and actor.may("can_show", flow.name)):
            continue
        query = select(model).where(
            model.graduate_id == graduate_id, model.stage == Stage.VOIDED, in_scope(model, actor)
        )
        for case in session.scalars(query.options(*engine.eager_options(model))).unique():
            if but is None or (case.workflow_name, case.id) != (but.workflow_name, but.id):
                found.append(VoidedRecord(flow, case, _reason(case)))
    return sorted(found, key=lambda one: one.case.state_since, reverse=True)


def voided_numbers(graduate_ids: Iterable[int] | None, *, actor: Actor) -> dict[int, list[str]]:
    """Graduate → numbers of the voided agreements, oldest first; None for all graduates in scope."""
    ids = None if graduate_ids is None else list(graduate_ids)
    found: dict[int, list[str]] = {}
    for flow in voiding_workflows():
        model: Any = flow.model
        query = select(model.graduate_id, model.number).where(
            in_scope(model, actor), model.stage == Stage.VOIDED, model.number.is_not(None)
        )
        if ids is not None:
            query = query.where(model.graduate_id.in_(ids))
        for graduate_id, number in session.execute(query.order_by(model.id)):
            found.setdefault(graduate_id, []).append(number)
    return found


def _reason(case: CaseMixin) -> str:
    rows: Sequence[History] = history.of_case(case.workflow_name, case.id)
    return next(
        (
            row.reason or ""
            for row in reversed(rows)
            if registry.get(row.workflow).state(row.to_state).stage == Stage.VOIDED
        ),
        "",
    )


def earlier_ended(case: CaseMixin, actor: Actor) -> list[Any]:
    """Other cases of this graduate in the same module that are void or terminated, newest first.

    One statement finds them over all workflows; as a rule there are none.
    """
    reach, own = reach_with(actor)
    newest = _newest_ended(case.workflow_name, reach)
    if newest is None:
        return []
    found: dict[str, list[int]] = {}
    for name, case_id in newest.rows({**own, "graduate": case.graduate_id, "case": case.id}):
        found.setdefault(name, []).append(case_id)
    rows = [row for name, ids in found.items() for row in cases_of(registry.get(name), ids)]
    return sorted(rows, key=lambda row: row.state_since, reverse=True)


@lru_cache(maxsize=256)
def _newest_ended(beside: str, reach: Reach) -> Kept | None:
    """Put together once for all readers of a kind, who have a case of the workflow `beside` before them."""
    module = registry.get(beside).module
    others = (workflow for workflow in registry.all_workflows() if workflow.module == module)
    ended = [part for workflow in others for part in _ended(workflow, beside, reach.reader)]
    if not ended:
        return None
    every = union_all(*ended).subquery()
    order = (every.c.state_since.desc(), every.c.id.desc())
    return Kept(select(every.c.workflow, every.c.id).order_by(*order).limit(MOST_EARLIER))


def _ended(workflow: Workflow, beside: str, reader: Actor) -> Iterator[Select[Any]]:
    """The keys of the workflow's ended cases of one graduate, without the case itself."""
    model: Any = workflow.model
    ends = workflow.states_in(Stage.VOIDED, Stage.ENDED)
    if not ends or not issubclass(model, CaseMixin):
        return
    wanted = [model.graduate_id == bindparam("graduate"), model.state.in_(ends), in_scope(model, reader)]
    if workflow.name == beside:
        wanted.append(model.id != bindparam("case"))
    yield select(literal(workflow.name).label("workflow"), model.id, model.state_since).where(*wanted)


def cases_of(workflow: Workflow, ids: Sequence[int]) -> Sequence[Any]:
    """The cases of these ids with what belongs to them, in no order; whose they are is asked before."""
    model: Any = workflow.model
    return _cases(model).rows({"ids": [*ids]})


@lru_cache(maxsize=64)
def _cases(model: Any) -> Kept:
    among = model.id.in_(bindparam("ids", expanding=True))
    return Kept(select(model).where(among).options(*engine.eager_options(model)))


def waiting_states(workflow: Workflow, actor: Actor) -> tuple[str, ...]:
    """The states in which a case waits for this actor's verdict, or for what else reviewers have to say."""
    rows = [row for row in workflow.transitions if actor.kind in row.who]
    verdicts = {state for row in rows if row.event == "approve" for state in row.sources}
    asked = {state for row in rows for state in row.sources if workflow.state(state).waits_for == actor.kind}
    wanted = verdicts | (asked if actor.kind in (PROVINCE, SCHOOL, DEPARTMENT) else set())
    return tuple(state.name for state in workflow.states if state.name in wanted)


def waits_in(model: Any, states: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a case is in one of these states, and its graduate still on the roster."""
    return and_(model.state.in_(states), model.invalid_since.is_(None))


def usual_days(school_id: int, workflow: Workflow) -> float | None:
    """How many days this school has taken from a submission to the verdict, the middle one of the last 60 days.

    None where there were fewer than FEWEST_VERDICTS. Asked at most once an hour; the newest steps of the school alone
    are looked at, so that the statement costs the same however long the history is.
    """
    key = f"usual:{school_id}:{workflow.name}"
    with suppress(RedisError):
        kept = queues.redis().get(key)
        if isinstance(kept, bytes):
            return float(kept) if kept else None
    days = _middle_of_verdicts(school_id, workflow)
    with suppress(RedisError):
        queues.redis().setex(key, _ASKED_EVERY, "" if days is None else str(days))
    return days


def _middle_of_verdicts(school_id: int, workflow: Workflow) -> float | None:
    review = workflow.states_in(Stage.REVIEW)
    verdict, handed_in = aliased(History), aliased(History)
    newest = select(HistoryHead.seq - _MOST_STEPS).where(HistoryHead.chain == school_id).scalar_subquery()
    began = (
        select(func.max(handed_in.at))
        .where(handed_in.workflow == verdict.workflow, handed_in.case_id == verdict.case_id)
        .where(handed_in.id < verdict.id, handed_in.to_state.in_(review))
        .where(or_(handed_in.from_state.is_(None), handed_in.from_state.not_in(review)))
        .scalar_subquery()
    )
    took = (
        select((func.date_part("epoch", verdict.at - began) / 86400).label("days"))
        .where(verdict.chain == school_id, verdict.seq > newest, verdict.workflow == workflow.name)
        .where(verdict.event.in_(VERDICTS), verdict.from_state.in_(review), verdict.to_state.not_in(review))
        .where(verdict.at > clock.now() - _LATELY)
        .subquery()
    )
    middle = func.percentile_cont(0.5).within_group(took.c.days)
    count, days = session.execute(select(func.count(took.c.days), middle)).one()
    return float(days) if count >= FEWEST_VERDICTS else None
