"""Where a graduate stands, over all workflows, and the ways in: workflows declare, the graduate's home asks (R7.13).

What a workflow leaves out is told by its states, its unit and who has to act, so that none is ever missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import String, bindparam, literal, select, union_all

from app.access.actors import GRADUATE, Actor
from app.access.scope import Reach, in_scope, reach_with
from app.base.clock import now
from app.base.dates import time_text
from app.base.kept import Kept
from app.cases import progress
from app.cases.models import CaseMixin
from app.cases.queries import cases_of
from app.roster.models import Graduate
from app.schools.queries import closed_modules
from app.schools.seasons.models import SchoolSeason
from app.schools.seasons.queries import season_of_school, window_in
from app.web import links
from app.web.modules import LABELS
from app.workflow import registry
from app.workflow.stages import Stage
from app.workflow.table import Label, Workflow

# How pressing a case is: what waits for the graduate, what others review, what is in force, what was only begun, what ended.
ASKED, UNDER_WAY, IN_FORCE, BEGUN, ENDED = range(5)
_MOST = 20
_NEWS = timedelta(days=30)


@dataclass(frozen=True)
class Step:
    """One line of what is to be done once something is in force."""

    icon: str
    text: str
    more: str = ""
    url: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Telling:
    """How a room tells a case on the home; what is left out is told by the state."""

    title: str = ""
    lines: Sequence[tuple[str, Any]] = ()  # icon and text, before who has to act and since when
    verb: str = ""  # what the button says
    asks: bool | None = None  # whether it waits for the graduate; None: as the table says
    steps: Sequence[Step] = ()  # what is next while it is in force
    dated: bool = False  # its lines say until when the graduate has to act: it is not said again


@dataclass(frozen=True)
class Standing:
    """One case of the graduate as the home shows it."""

    case: Any
    rank: int
    tone: str
    title: str
    heading: str  # the same in a list beside the state: what it is, and with whom
    label: str
    lines: Sequence[tuple[str, Any]] = ()
    verb: str = ""
    url: str | None = None
    steps: Sequence[Step] = ()

    @property
    def is_draft(self) -> bool:
        """Whether it was only begun, and has been shown to nobody."""
        return bool(self.case.stage == Stage.DRAFT)


Closed = Callable[[Graduate, Actor], str]


@dataclass(frozen=True)
class Way:
    """A way in: what it is for, in a sentence, so that nobody picks the wrong one, and why it may be closed now."""

    name: str
    order: int
    title: Label
    text: Label
    icon: str
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)  # for the endpoint's address
    closed: Closed = field(default=lambda graduate, actor: "")  # the reason in words; "" = open
    offered: Callable[[Graduate], bool] = field(default=lambda graduate: True)  # whether it is shown at all
    follows: Sequence[str] = ()  # workflows to which it leads that everybody goes through, whatever is signed


def closure_of(graduate: Graduate, module: str) -> str | None:
    """Why the graduate cannot use a module (schools/guards.refuse_closed puts it into words), None when it is open.

    Every way in asks; a request reads the settings once.
    """
    known: dict[int, dict[str, str]] = g.setdefault("closed_modules", {})
    if graduate.id not in known:
        known[graduate.id] = closed_modules(graduate, LABELS)
    return known[graduate.id].get(module)


def window_open(graduate: Graduate, name: str) -> bool:
    """Whether today is one of the days that the graduate's school has set for this; a request reads them once."""
    known: dict[int, SchoolSeason | None] = g.setdefault("school_seasons", {})
    if graduate.id not in known:
        known[graduate.id] = season_of_school(graduate.school_id, graduate.cohort)
    window = window_in(known[graduate.id], name)
    return window is not None and window.is_open


def ways_for(graduate: Graduate, actor: Actor) -> list[dict[str, str]]:
    """The ways in for this graduate in their order, each open or with the reason why not."""
    shown = [way for way in _ways() if way.offered(graduate)]
    return [
        {
            "title": str(way.title),
            "text": str(way.text),
            "icon": way.icon,
            "url": url_for(way.endpoint, **way.values),
            "closed": str(way.closed(graduate, actor)),
        }
        for way in sorted(shown, key=lambda way: way.order)
    ]


def _ways() -> list[Way]:
    return [way for workflow in registry.all_workflows() for way in workflow.ways]


def news_of(found: Sequence[Standing]) -> Standing | None:
    """What ended lately and is to be told once more, the newest; None where something else is on by now."""
    ended = [one for one in found if one.rank == ENDED and now() - one.case.state_since < _NEWS]
    newest = max(ended, key=lambda one: one.case.state_since, default=None)
    others = [one for one in found if one.rank != ENDED and not _stands_beside(one.case)]
    if newest is None or any(not one.is_draft or one.case.state_since > newest.case.state_since for one in others):
        return None
    return newest


def steps_after(found: Sequence[Standing], graduate: Graduate) -> list[Step]:
    """What is next once something is in force: what its room says, and what everybody goes through besides."""
    bound = next((one for one in found if one.rank == IN_FORCE and not _stands_beside(one.case)), None)
    if bound is None:
        return []
    steps = list(bound.steps)
    for way in (way for way in _ways() if way.offered(graduate)):
        for workflow in map(registry.get, way.follows):
            if closure_of(graduate, workflow.module) is not None:
                continue
            begun = next((one for one in found if one.case.workflow_name == workflow.name and one.rank != ENDED), None)
            url = (begun and begun.url) or url_for(way.endpoint, **way.values)
            more = str(begun.label) if begun else _("Not registered yet")
            steps.append(Step(way.icon, str(workflow.label), more, url, begun is not None and begun.rank == IN_FORCE))
    return steps


def _stands_beside(case: CaseMixin) -> bool:
    """Whether it is no signing and no destination, but what everybody goes through besides."""
    workflow = registry.get(case.workflow_name)
    return workflow.module != "employment" or any(workflow.name in way.follows for way in workflow.ways)


def standing_of(actor: Actor) -> list[Standing]:
    """The cases of the acting graduate over all workflows, the most pressing first.

    One statement finds them, and one reads those of each workflow in which there are any. What has ended comes last;
    of each workflow the newest ones. Cases of earlier studies are not among them.
    """
    workflows = [
        one
        for one in registry.all_workflows()
        if issubclass(one.model, CaseMixin) and actor.reads(one.module) and actor.may("can_show", one.name)
    ]
    ids: dict[str, list[int]] = {}
    reach, own = reach_with(actor)
    asked = {**own, "graduate": actor.graduate_id}
    for name, case_id in _newest(tuple(one.name for one in workflows), reach).rows(asked) if workflows else ():
        ids.setdefault(name, []).append(case_id)
    found = [_standing(case, actor) for one in workflows if one.name in ids for case in cases_of(one, ids[one.name])]
    return sorted(found, key=_pressing)


@lru_cache(maxsize=256)
def _newest(workflows: tuple[str, ...], reach: Reach) -> Kept:
    """Put together once for all graduates: that takes longer than the database needs to answer it."""
    return Kept(union_all(*(_newest_of(registry.get(name), reach.reader) for name in workflows)))


def _newest_of(workflow: Workflow, reader: Actor) -> Any:
    model: Any = workflow.model
    live = [state.name for state in workflow.states if not state.final]
    rows = (
        select(model.id)
        .where(model.graduate_id == bindparam("graduate"), in_scope(model, reader))
        .order_by(model.state.in_(live).desc(), model.id.desc())
        .limit(_MOST)
        .subquery()
    )
    return select(literal(workflow.name, String), rows.c.id)


def _pressing(one: Standing) -> tuple[Any, ...]:
    beside = _stands_beside(one.case)
    # Archive and hukou stand beside a signing or destination: they come before it only when they ask for something.
    rank = BEGUN if beside and one.rank in (UNDER_WAY, IN_FORCE) else one.rank
    return rank, beside, -one.case.state_since.timestamp()


def _standing(case: CaseMixin, actor: Actor) -> Standing:
    workflow = registry.get(case.workflow_name)
    told: Telling = workflow.home(case, actor) if workflow.home else Telling()
    rank = _rank(workflow, case, actor, told)
    label, waiting = workflow.label_of(case, actor), progress.waiting_sentence(case, actor)
    lines = list(told.lines or _unit(case))
    if waiting and not told.dated:
        lines.append(("clock", waiting))
    lines.append(("calendar", _("since %(when)s", when=time_text(case.state_since))))
    return Standing(
        case=case,
        rank=rank,
        tone=progress.tone_for(case, actor),
        title=told.title or label,
        heading=_heading(workflow, label, told, case),
        label=label,
        lines=lines,
        verb=told.verb or (_("Continue") if rank in (ASKED, BEGUN) else _("See the progress")),
        url=links.record_url(workflow.name, case.id, GRADUATE),
        steps=told.steps,
    )


def _heading(workflow: Workflow, label: Any, told: Telling, case: CaseMixin) -> str:
    """What it is and with whom; the state stands beside it and is not said twice."""
    if told.title and str(label) not in str(told.title):
        return told.title
    lines = list(told.lines or _unit(case))
    return " · ".join([str(workflow.label), *(str(text) for _icon, text in lines[:1])])


def _rank(workflow: Workflow, case: CaseMixin, actor: Actor, told: Telling) -> int:
    state = workflow.state(case.state)
    if state.final or case.invalid_since is not None:
        return ENDED
    if state.stage == Stage.IN_FORCE:
        return IN_FORCE
    asks = told.asks if told.asks is not None else progress.tone_for(case, actor) == "mine"
    if state.stage == Stage.DRAFT:
        return BEGUN
    if asks:
        return ASKED
    return UNDER_WAY if state.waits_for != GRADUATE else BEGUN


def _unit(case: CaseMixin) -> list[tuple[str, Any]]:
    unit = getattr(case, "employer", None)
    return [("building-2", unit.name)] if unit is not None and unit.name else []
