"""Signings that a reader may see: used by lists, pages, API, exports and counts alike."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from app import clock
from app.access.actors import Actor
from app.access.scope import in_scope
from app.database import session
from app.signing.models import OnlineSigning

# The employer's tabs of R6.6 and the states behind them; 失效 replaces every other tab.
EMPLOYER_TABS: dict[str, tuple[str, ...]] = {
    "signing": ("invited", "dept_review", "school_review"),
    "signed": ("signed",),
    "failed": ("declined", "expired", "withdrawn", "aborted", "rejected"),
    "terminating": (),
    "terminated": ("terminated",),
    "termination_failed": (),
    "voided": ("voided",),
    "invalid": (),
}


def online_signings_visible_to(actor: Actor) -> Select[tuple[OnlineSigning]]:
    """All signings in the actor's scope, ready to be filtered, ordered and paged."""
    return select(OnlineSigning).where(in_scope(OnlineSigning, actor)).options(*OnlineSigning.eager_options())


def signings_in_tab(actor: Actor, tab: str, cohort: int) -> Select[tuple[OnlineSigning]]:
    """The signings of one tab of the employer's list for a cohort (R6.6)."""
    query = online_signings_visible_to(actor).where(OnlineSigning.cohort == cohort)
    if tab == "invalid":
        return query.where(OnlineSigning.invalid_since.is_not(None))
    return query.where(OnlineSigning.invalid_since.is_(None), OnlineSigning.state.in_(EMPLOYER_TABS[tab]))


def tab_counts(actor: Actor, cohort: int) -> dict[str, int]:
    """How many signings each tab holds, with one statement (R6.1)."""
    query = (
        select(OnlineSigning.state, OnlineSigning.invalid_since.is_not(None), func.count())
        .where(in_scope(OnlineSigning, actor), OnlineSigning.cohort == cohort)
        .group_by(OnlineSigning.state, OnlineSigning.invalid_since.is_not(None))
    )
    counts = dict.fromkeys(EMPLOYER_TABS, 0)
    for state, is_invalid, number in session.execute(query):
        tabs = ["invalid"] if is_invalid else [tab for tab, states in EMPLOYER_TABS.items() if state in states]
        for tab in tabs:
            counts[tab] += number
    return counts


def state_counts(actor: Actor, cohort: int | None = None) -> dict[str, int]:
    """How many valid signings are in each state, in the actor's scope."""
    query = select(OnlineSigning.state, func.count()).where(
        in_scope(OnlineSigning, actor), OnlineSigning.invalid_since.is_(None)
    )
    if cohort is not None:
        query = query.where(OnlineSigning.cohort == cohort)
    return dict(session.execute(query.group_by(OnlineSigning.state)).tuples().all())


def overdue_invitations(limit: int = 500) -> Sequence[int]:
    """Invitations whose validity is over and which the clock has still to expire."""
    query = (
        select(OnlineSigning.id)
        .where(OnlineSigning.state == "invited", OnlineSigning.valid_until <= clock.now())
        .where(OnlineSigning.invalid_since.is_(None))
        .order_by(OnlineSigning.valid_until)
        .limit(limit)
    )
    return list(session.scalars(query))
