"""The living part of the demonstration: people and records of the last weeks, none of them of the binding people (12.9)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict
from app.employers.models import Employer
from app.roster.models import Graduate
from app.schools.models import School
from app.trail.verifying import findings
from app.workflow import registry
from app.workflow.models import History
from trial.demo import country, living, stories
from trial.demo.living import STUDIES, bring_to_life

pytestmark = pytest.mark.slow
_LEAST_STATES = {
    "online_signing": 10,
    "online_termination": 5,
    "destination": 5,
    "archive": 4,
    "hukou": 4,
    "supplementary": 6,
    "offline_signing": 10,
    "offline_termination": 5,
}


@pytest.fixture(scope="module")
def alive(application: Flask, database: str) -> dict[str, int]:
    """The country with its living part; loaded once, by a first run that is interrupted and a second that goes on."""
    fire, steps = stories.engine.fire, count(1)

    def until_the_light_goes_out(*args: Any, **options: Any) -> Any:
        if next(steps) > 200:
            raise KeyboardInterrupt
        return fire(*args, **options)

    with application.app_context():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stories.engine, "fire", until_the_light_goes_out)
            with pytest.raises(KeyboardInterrupt):
                bring_to_life()
        session.rollback()
        return bring_to_life()


def test_three_schools_live_and_the_others_stay_quiet(alive: dict[str, int], app: Flask) -> None:
    with app.app_context():
        counts = dict(
            session.execute(
                select(School.code, func.count()).join(Graduate, Graduate.school_id == School.id).group_by(School.code)
            ).all()
        )
        assert sum(counts[code] for code in STUDIES) >= 600
        assert counts["10002"] + counts["10284"] + counts["10558"] < 30
        seen: dict[str, set[str]] = {}
        quiet, known_units = set(_binding_people()), _binding_units()
        for workflow in registry.all_workflows():
            for case in session.scalars(select(workflow.model)):
                seen.setdefault(workflow.name, set()).add(case.state)
                assert getattr(case, "graduate_id", None) not in quiet
                assert getattr(case, "employer_id", None) not in known_units
        for workflow_name, least in _LEAST_STATES.items():
            assert len(seen[workflow_name]) >= least, (workflow_name, seen[workflow_name])
        assert seen["objection"]
        assert {"approved", "waiting_graduate"} <= seen["amendment"]
        assert "replaced" in seen["destination"]


def test_all_of_it_lies_in_the_past_and_its_chains_hold(alive: dict[str, int], app: Flask) -> None:
    with app.app_context():
        first, last = session.execute(select(func.min(History.at), func.max(History.at))).one()
        assert last <= clock.now()
        assert (clock.now() - first).days >= 30
        assert list(findings()) == []


def test_a_second_load_changes_nothing(alive: dict[str, int], app: Flask) -> None:
    assert alive["steps"] > 400, "the second run went on where the first was interrupted"
    assert alive["overtaken"] == 0, "here no clock runs beside"
    with app.app_context():
        before = session.scalar(select(func.count()).select_from(History))
        assert bring_to_life() == {}
        assert session.scalar(select(func.count()).select_from(History)) == before


def test_a_story_that_the_clock_overtakes_ends_and_the_others_go_on(alive: dict[str, int], app: Flask) -> None:
    told: list[str] = []

    def overtaken(code: str) -> Iterator[float]:
        yield -2.0
        raise Conflict("over", code)

    def quiet() -> Iterator[float]:
        yield -1.0
        told.append("went on")

    with app.app_context():
        assert living._play([overtaken("wrong_state"), quiet()]) == (2, 1)
        assert told == ["went on"]
        with pytest.raises(Conflict):
            living._play([overtaken("twice")])


def _binding_people() -> list[int]:
    numbers = [f"graduate{number}" for number in range(1, 21)]
    people = select(Account.person).join(User, User.id == Account.user_id).where(User.username.in_(numbers))
    return list(session.scalars(select(Graduate.id).where(Graduate.id_number_index.in_(people))))


def _binding_units() -> set[int]:
    codes = [unit.facts["uscc"] for unit in country.UNITS]
    return set(session.scalars(select(Employer.id).where(Employer.uscc.in_(codes))))
