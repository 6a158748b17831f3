"""How many had registered at the end of each day, and the rate then; last cohort's same day beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Select, case, cast, func, literal, select, union_all

from app.access.actors import Actor
from app.base import clock
from app.base.replicas import shown
from app.destination.models import Destination
from app.ems.destination import SIGNED_AGREEMENT
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.records import narrowed_to
from app.statistics.employment.words import Metric, rate
from app.workflow import registry
from app.workflow.models import History
from app.workflow.stages import Stage
from app.workflow.table import names_of

LONGEST = 800  # days that are told: more than a cohort has

Deltas = dict[date, Counter[tuple[bool, str]]]


@dataclass(frozen=True)
class Standing:
    """The end of a day."""

    day: date
    registered: int
    rate: str | None


@dataclass(frozen=True)
class Day(Standing):
    """The end of a day, and of the same day a year before for the cohort before; None before anything was known of it."""

    last: Standing | None = None


def trend(asked: Asked, metric: Metric, *, actor: Actor) -> list[Day]:
    """From the day on which the first of either cohort registered until today; four statements."""
    before = replace(asked, cohort=asked.cohort - 1)
    today = clock.today()
    now = dict(_days(asked, metric, actor, today))
    past = dict(_days(before, metric, actor, _year_back(today)))
    first = min([*now, *(_year_on(day) for day in past)], default=today)
    found: list[Day] = []
    for back in range(min((today - first).days, LONGEST), -1, -1):
        day = today - timedelta(days=back)
        mine = now.get(day) or Standing(day, 0, None)
        found.append(Day(day, mine.registered, mine.rate, past.get(_year_back(day))))
    return found


def _days(asked: Asked, metric: Metric, actor: Actor, until: date) -> Iterator[tuple[date, Standing]]:
    deltas, base = _deltas(asked, actor), _base(asked, actor)
    registered, counted = 0, Counter[str]()
    day = min(deltas, default=until + timedelta(days=1))
    while day <= until:
        for (rated, code), number in deltas.get(day, {}).items():
            registered += number
            counted[code] += number if rated else 0
        yield day, Standing(day, registered, rate(metric.of(counted), base))
        day += timedelta(days=1)


def _base(asked: Asked, actor: Actor) -> int:
    query = select(func.count()).select_from(Graduate).where(*asked.people(actor), asked.in_rates)
    return shown.scalar(query) or 0


def _deltas(asked: Asked, actor: Actor) -> Deltas:
    steps = union_all(*_steps(asked, actor)).subquery("steps")
    columns = (steps.c.day, asked.in_rates.label("rated"), steps.c.code)
    query = select(*columns, func.sum(steps.c.change)).join(Graduate, Graduate.id == steps.c.graduate_id)
    found: Deltas = defaultdict(Counter)
    for day, rated, code, number in shown.execute(query.where(*asked.people(actor)).group_by(*columns)):
        found[day][(rated, code)] += int(number)
    return found


def _steps(asked: Asked, actor: Actor) -> Iterator[Select[Any]]:
    """Each record's coming into force and going out of it, from its history."""
    models: tuple[Any, ...] = (OnlineSigning, OfflineSigning, Supplementary, Destination)
    for model in models:
        holding = names_of(registry.get(model.workflow_name).states, Stage.IN_FORCE)
        after, before = (case((column.in_(holding), 1), else_=0) for column in (History.to_state, History.from_state))
        day = cast(func.timezone(clock.SHANGHAI.key, History.at), Date).label("day")
        code = model.type if model is Destination else literal(SIGNED_AGREEMENT)
        query = select(model.graduate_id, code.label("code"), day, (after - before).label("change"))
        query = query.join(History, (History.workflow == model.workflow_name) & (History.case_id == model.id))
        yield query.where(after != before, *narrowed_to(model, asked.cohort, asked.place, actor))


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _year_on(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28) if day.month == 2 else day.day)
