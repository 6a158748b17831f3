"""Every figure of employment equals a count by hand over the records, whatever has happened to them (R2.5, R8.14, R11.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func

from app.base.cohorts import current_cohort
from app.base.database import session
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.people import people_behind
from app.statistics.employment.queries.table import Line, employment_table
from app.statistics.employment.queries.trend import trend
from app.statistics.employment.words import ALL_SIGNING, COUNTS, SIGNING, metrics, rate
from app.statistics.groups import GROUPINGS
from tests.fixtures.statements import counted
from tests.signing.stage import user
from tests.statistics.brute import PARTS, World
from tests.statistics.histories import Life

Api = Callable[..., Any]
READERS = ("operator", "province11", "province32", "school10001", "school10002", "dept10001a", "dept10001b")
CROSSED = (("school", "department", "major"), ("department", "education"), ("destination", "sex"))


@pytest.fixture(scope="module", params=(3, 14, 159))
def world(request: pytest.FixtureRequest, application: Flask, database: str) -> Iterator[World]:
    """A country after a random life; each goes on where the one before it ended."""
    with application.app_context():
        life = Life(request.param)
        life.live(70)
        print(f"seed {request.param}: {len(life.done)} steps")
        session.remove()
        yield World(database.replace("postgresql+psycopg", "postgresql"))
        session.remove()


def _percent(part: int, base: int) -> str | None:
    exact = Decimal(100 * part) / base if base else None
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)) if exact is not None else None


def _same(line: Line, expected: dict[str, Any]) -> None:
    assert (line.total, line.registered, line.in_review) == (
        expected["total"],
        expected["registered"],
        expected["in_review"],
    )
    assert line.unregistered == line.total - line.registered - line.in_review
    assert line.base == expected["base"]
    for code, metric in metrics().items():
        assert metric.of(line.codes) == expected["parts"][code], code
        assert rate(metric.of(line.codes), line.base) == _percent(expected["parts"][code], expected["base"])
    assert {name: line.signing[name] for name in SIGNING} == {name: expected["signing"][name] for name in SIGNING}
    assert line.states == dict(expected["states"])


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("completion", [False, True])
def test_every_line_is_a_count_by_hand(world: World, who: str, completion: bool) -> None:
    """For every grouping and three crossed ones."""
    actor = user(who)
    people = list(world.seen_by(actor, current_cohort()))
    for by in (*((name,) for name in GROUPINGS), *CROSSED):
        table = employment_table(Asked(current_cohort(), by, completion=completion), actor=actor)
        groups = defaultdict(list)
        for one in people:
            groups[tuple(world.value(name, one) for name in by)].append(one)
        _same(table.total, world.figures(people, completion))
        lines = {line.key: line for line in table.lines}
        assert set(groups) <= set(lines), by
        for key, line in lines.items():
            _same(line, world.figures(groups.get(key, []), completion))


@pytest.mark.parametrize("who", READERS)
def test_behind_each_number_stand_as_many_people(world: World, who: str) -> None:
    """Of all, and of the lines of some groupings, named as an address names them."""
    actor, random = user(who), Random(who)
    for by in (("sex",), *random.sample([(name,) for name in GROUPINGS], 2), random.choice(CROSSED)):
        asked = Asked(current_cohort(), by)
        table = employment_table(asked, actor=actor)
        for line in [table.total, *random.sample(table.lines, min(2, len(table.lines)))]:
            keys = None if line.whole else tuple(code or None for code, _label in line.groups)
            _as_many(Asked(current_cohort(), by, keys=keys), line, actor)


def _as_many(asked: Asked, line: Line, actor: Any) -> None:
    expected = {name: getattr(line, name) for name in COUNTS}
    expected |= {name: line.signing[name] for name in SIGNING} | {ALL_SIGNING: line.signing_total}
    expected |= {code: metric.of(line.codes) for code, metric in metrics().items()}
    for figure, number in expected.items():
        query = people_behind(figure, asked, actor=actor).with_only_columns(func.count()).order_by(None)
        assert session.scalar(query) == number, (figure, asked)


@pytest.mark.parametrize("who", ["operator", "school10001"])
def test_the_days_end_where_the_figures_are(world: World, who: str) -> None:
    """The last day of the trend says what the table says."""
    actor, asked = user(who), Asked(current_cohort(), ("sex",))
    total = employment_table(asked, actor=actor).total
    metric = metrics()["M2024_ALL"]
    last = trend(asked, metric, actor=actor)[-1]
    assert last.registered == total.registered
    assert last.rate == rate(metric.of(total.codes), total.base) or not total.registered


def test_few_statements(world: World, app_context: Flask) -> None:
    """However many lines there are."""
    for who in ("operator", "province11", "school10001"):
        actor = user(who)
        metrics()
        for by in (("school",), ("school", "department", "major"), ("employer_nature", "destination")):
            with counted(app_context) as seen:
                employment_table(Asked(current_cohort(), by), actor=actor)
            assert len(seen) <= 6, seen


def test_the_api_tells_the_same(world: World, api: Api) -> None:
    """Figures, people and days through the door, refusals included."""
    told = api("school10001").get("/statistics/employment").get_json()
    people = list(world.seen_by(user("school10001"), current_cohort()))
    expected = world.figures(people, False)
    assert (told["by"], told["formula"], told["completion"]) == ("department", "2024", False)
    assert told["total"]["registered"] == expected["registered"]
    assert told["total"]["rates"] == {
        name: _percent(part, expected["base"]) for name, part in expected["parts"].items()
    }
    assert set(told["total"]["rates"]) == set(PARTS)
    assert told["total"]["signing"] == {
        "total": sum(expected["signing"].values()),
        **{name: expected["signing"][name] for name in SIGNING},
    }
    for line in told["result"]:
        for figure, number in (("registered", line["registered"]), ("signed", line["signing"]["signed"])):
            path = f"/statistics/employment/people?by=department&key={line['code']}&figure={figure}"
            behind = api("school10001").get(path).get_json()
            assert behind["count"] == len(behind["result"]) == number
    opened = api("province11").get("/statistics/employment").get_json()["result"]
    assert {one["code"]: one["open"] for one in opened} == {"10001": True, "10002": True}
    assert opened[0]["opened"] == {"employment": True, "archive": True, "hukou": True}
    assert (
        api("school10001").get("/statistics/employment/trend").get_json()["result"][-1]["registered"]
        == (expected["registered"])
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("by=name", 400), ("by=sex,sex", 400), ("formula=1999", 400), ("include=all", 400), ("cohort=x", 400)),
        *(("figure=x", 400), ("by=sex&key=1&key=2", 400), ("wrong=1", 400), ("school=10284", 404)),
        *(("department=abc", 404), ("by=sex&key=9", 200), ("without=sex&by=sex", 200), ("formula=2021", 200)),
    ],
)
def test_odd_questions(api: Api, query: str, status: int) -> None:
    """Refused, or answered with nobody; never a fault."""
    assert api("school10001").get(f"/statistics/employment/people?{query}").status_code == status


def test_who_may_ask(api: Api) -> None:
    """Units and graduates read no figures, and a school none of another."""
    for who in ("employer1", "graduate1"):
        for path in ("", "/people", "/trend"):
            assert api(who).get(f"/statistics/employment{path}").status_code == 403
    assert api("dept10001a").get("/statistics/employment?school=10002").status_code == 404


@pytest.mark.parametrize(
    ("part", "base", "told"),
    [
        (0, 0, None),
        (0, 7, "0.00"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 8, "12.50"),
        (1, 800, "0.13"),
        (7, 7, "100.00"),
    ],
)
def test_half_is_rounded_up(part: int, base: int, told: str | None) -> None:
    """Two decimals, as a text."""
    assert rate(part, base) == told == _percent(part, base)
