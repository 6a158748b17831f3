"""Signings that a reader may see: used by lists, pages, API, exports and counts alike."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import ColumnElement, Select, String, bindparam, func, literal, select, union_all

from app.access.actors import Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base.database import session
from app.base.kept import Kept
from app.employers.models import EmployerUser
from app.signing.online.models import TERMINATION_FAILED, TERMINATION_OPEN, OnlineSigning
from app.workflow import registry
from app.workflow.stages import MOVING, Stage

# The employer's tabs of R6.6 and the stages behind them; 失效 replaces every other tab.
EMPLOYER_TABS: dict[str, tuple[Stage, ...]] = {
    "signing": (Stage.DRAFT, Stage.OFFERED, *MOVING),
    "signed": (Stage.IN_FORCE,),
    "failed": (Stage.FAILED,),
    "terminating": (Stage.IN_FORCE,),
    "terminated": (Stage.ENDED,),
    "termination_failed": (Stage.IN_FORCE,),
    "voided": (Stage.VOIDED,),
    "invalid": (),
}
_TAB_OF = {stage: tab for tab, stages in reversed(EMPLOYER_TABS.items()) for stage in stages}
# Agreements in force by their newest termination: in progress it takes them out of 已签约, failed it does not.
_BY_TERMINATION: dict[str, ColumnElement[bool]] = {
    "signed": OnlineSigning.termination.is_distinct_from(TERMINATION_OPEN),
    "terminating": OnlineSigning.termination == TERMINATION_OPEN,
    "termination_failed": OnlineSigning.termination == TERMINATION_FAILED,
}


def online_signings_visible_to(actor: Actor) -> Select[tuple[OnlineSigning]]:
    """All signings in the actor's scope, ready to be filtered, ordered and paged."""
    return select(OnlineSigning).where(in_scope(OnlineSigning, actor)).options(*OnlineSigning.eager_options())


def usual_contact(actor: Actor) -> dict[str, str]:
    """Whom the letter of a unit names unless somebody else is typed: as in its last one, at first the user who writes it."""
    letters = select(OnlineSigning).where(in_scope(OnlineSigning, actor)).order_by(OnlineSigning.id.desc()).limit(1)
    last = session.scalar(letters)
    position = (last.data.get("position") if last is not None else None) or {}
    if position.get("contact") and position.get("phone"):
        return {name: str(position[name]) for name in ("contact", "phone")}
    own = session.get(EmployerUser, actor.user_id)
    known = {"contact": own.name, "phone": own.work_phone or own.mobile} if own is not None else {}
    return {name: text for name, text in known.items() if text}


def states_of_tab(tab: str) -> tuple[str, ...]:
    """The states in which the signings of a tab can be, as the table says."""
    return registry.get(OnlineSigning.workflow_name).states_in(*EMPLOYER_TABS[tab])


def tab_of(case: OnlineSigning) -> str:
    """The tab in which the unit finds this signing."""
    if case.invalid_since is not None:
        return "invalid"
    return "terminating" if case.is_being_terminated else _TAB_OF[Stage(case.stage)]


def signings_in_tab(actor: Actor, tab: str, cohort: int) -> Select[tuple[OnlineSigning]]:
    """The signings of one tab of the employer's list for a cohort (R6.6)."""
    query = online_signings_visible_to(actor).where(OnlineSigning.cohort == cohort)
    if tab == "invalid":
        return query.where(OnlineSigning.invalid_since.is_not(None))
    query = query.where(OnlineSigning.invalid_since.is_(None), OnlineSigning.state.in_(states_of_tab(tab)))
    return query.where(_BY_TERMINATION[tab]) if tab in _BY_TERMINATION else query


def tab_counts(actor: Actor, cohort: int) -> dict[str, int]:
    """How many signings each tab holds, with one statement (R6.1).

    Its second half reads only those with a termination, so that the first is answered by an index alone.
    """
    counts, table = dict.fromkeys(EMPLOYER_TABS, 0), registry.get(OnlineSigning.workflow_name)
    reach, own = reach_with(actor)
    for state, invalid, termination, number in _by_state(reach).rows({**own, "cohort": cohort}):
        if invalid:
            counts["invalid"] += number
        elif termination is None:
            counts[_TAB_OF[table.state(state).stage]] += number
        elif termination == TERMINATION_OPEN:
            counts["terminating"] += number
            counts["signed"] -= number
        else:
            counts["termination_failed"] += number
    return counts


@lru_cache(maxsize=64)
def _by_state(reach: Reach) -> Kept:
    """Put together once for all units."""
    own = (in_scope(OnlineSigning, reach.reader), OnlineSigning.cohort == bindparam("cohort"))
    is_invalid = OnlineSigning.invalid_since.is_not(None)
    by_state = select(OnlineSigning.state, is_invalid, literal(None, String), func.count()).where(*own)
    by_termination = (
        select(OnlineSigning.state, is_invalid, OnlineSigning.termination, func.count())
        .where(*own, OnlineSigning.state.in_(states_of_tab("signed")), OnlineSigning.invalid_since.is_(None))
        .where(OnlineSigning.termination.is_not(None))
    )
    by_state = by_state.group_by(OnlineSigning.state, is_invalid)
    by_termination = by_termination.group_by(OnlineSigning.state, is_invalid, OnlineSigning.termination)
    return Kept(union_all(by_state, by_termination))
