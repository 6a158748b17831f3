"""What cannot be printed is named before anybody signs it: unit, graduate, letter, last approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import session, transaction
from app.base.errors import Conflict
from app.documents.queries import is_unmade
from app.employers.models import Employer
from app.roster.models import Graduate
from app.workflow.models import OutboxMessage
from tests.signing.stage import Stage, fire, keep, letter

RARE = "\U0002ebf0"


@pytest.fixture
def stage(fresh_database: str, app_context: Flask) -> Stage:
    """A unit, a graduate, a department and a school."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


def rename(model: Any, key: Any, name: str) -> None:
    """As old data have it, from before names were looked at."""
    with transaction():
        session.get_one(model, key).name = name


def test_a_unit_with_such_a_name_is_told_when_it_invites(stage: Stage) -> None:
    keep(stage.employer, stage.graduate)
    rename(Employer, stage.employer.employer_id, f"北京{RARE}{RARE}面文化有限公司")
    from app.signing.online.services.invitations import invite_graduates

    outcome = invite_graduates([stage.graduate.graduate_id], letter(), actor=stage.employer)
    assert not outcome.created
    assert RARE in str(outcome.refused[0].message)


@pytest.mark.parametrize("change", ["unit", "graduate"])
def test_nobody_accepts_what_cannot_be_printed(stage: Stage, change: str) -> None:
    case = stage.bring("invited")
    if change == "unit":
        rename(Employer, stage.employer.employer_id, f"{RARE}面馆")
    else:
        rename(Graduate, stage.graduate.graduate_id, f"李{RARE}")
    with pytest.raises(Conflict) as refused:
        fire(case, "accept", stage.graduate)
    assert refused.value.code == "unprintable_text"
    assert f"U+{ord(RARE):04X}" in refused.value.message


def test_the_last_approval_is_refused_and_nothing_is_ordered(stage: Stage) -> None:
    case = stage.bring("school_review")
    rename(Employer, stage.employer.employer_id, f"{RARE}面馆")
    with pytest.raises(Conflict) as refused:
        fire(case, "approve", stage.school)
    assert refused.value.code == "unprintable_text"
    session.rollback()
    session.refresh(case)
    assert case.state == "school_review"
    assert session.scalars(select(OutboxMessage.id).where(is_unmade())).all() == []


def test_the_unit_itself_cannot_be_called_so(stage: Stage, api: Callable[..., Any]) -> None:
    place = f"/employers/{stage.employer.employer_id}"
    answer = api("operator").put(place, json={"name": f"北京{RARE}面文化有限公司"})
    assert answer.status_code == 422
    assert RARE in "".join(answer.get_json()["errors"]["name"])
