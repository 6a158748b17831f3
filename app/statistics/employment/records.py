"""Records of a cohort, each once under its latest state: the columns by which schools read their signings (R8.14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, null, select, true, union_all

from app.access.actors import GRADUATE, PROVINCE, Actor
from app.destination.models import Destination
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.statistics.queries import Place
from app.termination.offline.models import OfflineTermination
from app.termination.online.models import OnlineTermination
from app.workflow.stages import Stage

# States that have a column of their own name; the others of their stage have none.
_NAMED = ("declined", "expired")


def records_of(cohort: int, place: Place, actor: Actor, schools: Sequence[int] | None = None) -> Any:
    """graduate_id, workflow, case_id, state and column of each record: all that may belong to the actor's graduates.

    Whose a graduate is says the roster; here only province and school narrow, which no record ever leaves, and the
    `schools` where only some are asked for.
    """
    return union_all(*_parts(lambda model: narrowed_to(model, cohort, place, actor, schools))).subquery("records")


def _parts(narrowed: Callable[[Any], list[ColumnElement[bool]]]) -> Iterator[Select[Any]]:
    # The signing itself says whether there is one to look for.
    mine = and_(OnlineSigning.termination.is_not(None), OnlineTermination.signing_id == OnlineSigning.id)
    newest = _newest(OnlineTermination, mine)
    yield _part(OnlineSigning, newest, _online_refused(newest)).where(*narrowed(OnlineSigning))
    for model in (OfflineSigning, Supplementary):
        mine = and_(
            model.stage == Stage.IN_FORCE,
            OfflineTermination.signing_workflow == model.workflow_name,
            OfflineTermination.signing_id == model.id,
        )
        newest = _newest(OfflineTermination, mine)
        yield _part(model, newest, ()).where(*narrowed(model))
    nothing = select(*_named(Destination), null().label("column"))
    yield nothing.where(*narrowed(Destination))


def _part(model: Any, newest: Any, refused: Any) -> Select[Any]:
    column = case(*_ending(model, newest), *refused, *_own(model))
    return select(*_named(model), column.label("column")).select_from(model).outerjoin(newest, true())


def _named(model: Any) -> list[Any]:
    workflow = literal(model.workflow_name).label("workflow")
    return [model.graduate_id, workflow, model.id.label("case_id"), model.state]


def _newest(termination: Any, of_this: ColumnElement[bool]) -> Any:
    """The latest termination of a signing in force."""
    started_by = getattr(termination, "started_by", null())
    query = select(termination.stage, termination.state, started_by.label("started_by")).where(of_this)
    return query.order_by(termination.id.desc()).limit(1).lateral()


def _ending(model: Any, newest: Any) -> Iterator[tuple[ColumnElement[bool], str]]:
    holds = model.stage == Stage.IN_FORCE
    yield and_(holds, newest.c.stage == Stage.REVIEW), "termination_waiting"
    yield and_(holds, newest.c.stage == Stage.FAILED, newest.c.state == "rejected"), "termination_rejected"


def _online_refused(newest: Any) -> Iterator[tuple[ColumnElement[bool], str]]:
    failed = and_(OnlineSigning.stage == Stage.IN_FORCE, newest.c.stage == Stage.FAILED)
    yield and_(failed, newest.c.started_by == GRADUATE), "termination_refused_by_employer"
    yield failed, "termination_refused_by_graduate"


def _own(model: Any) -> Iterator[tuple[ColumnElement[bool], Any]]:
    later = model is Supplementary
    yield model.stage == Stage.IN_FORCE, "supplementary" if later else "signed"
    yield model.stage == Stage.REVIEW, "supplementary_waiting" if later else "waiting"
    yield model.stage == Stage.ENDED, "terminated"
    failed = model.stage == Stage.FAILED
    yield and_(failed, model.state.in_(_NAMED)), model.state
    yield and_(failed, model.state.endswith("rejected")), "supplementary_rejected" if later else "rejected"


def narrowed_to(
    model: Any, cohort: int, place: Place, actor: Actor, schools: Sequence[int] | None = None
) -> list[ColumnElement[bool]]:
    """The cohort, and the school or province of whoever asks: what an index knows of the records themselves."""
    found = [model.cohort == cohort]
    if schools is not None:
        found.append(model.school_id.in_(schools))
    if place.school is not None or actor.school_id is not None:
        found.append(model.school_id == (place.school.id if place.school is not None else actor.school_id))
    elif actor.kind == PROVINCE:
        found.append(model.province_id == actor.province_id)
    return found
