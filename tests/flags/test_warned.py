"""Who is warned of which unit: the own school's people, everybody from five schools on, never the unit (R7.2, R8.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.flags.queries import SCHOOLS_FOR_ALL, warning_for, warnings_for
from tests.flags.conftest import STRANGE, UNIT
from tests.signing.stage import user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
Mark = Callable[..., None]
MANY = ["19001", "19002", "19003", "19004"]


def _warned(username: str, uscc: str = UNIT) -> Any:
    from app.base.database import session
    from app.roster.models import Graduate

    actor = user(username)
    school = actor.school_id
    if actor.graduate_id:
        school = session.get_one(Graduate, actor.graduate_id).school_id
    return warning_for(uscc, actor, school)


def test_own_people_are_warned_and_others_are_not(marked_by: Mark) -> None:
    marked_by(["10001"])
    for who in ("graduate1", "graduate4", "school10001", "dept10001a"):
        shown = _warned(who)
        assert shown is not None, who
        assert (shown.labels, shown.reasons) == (["违规单位", "虚假宣传"], ("由10001标记",))
        assert (shown.own, shown.schools) == (True, 1)
    for who in ("graduate7", "school10002", "graduate13", "school10284"):
        assert _warned(who) is None, who
    assert _warned("graduate1", STRANGE) is None


def test_from_five_schools_on_everybody_is_warned(marked_by: Mark) -> None:
    marked_by(MANY)
    assert _warned("graduate7") is None
    marked_by(["10001"], kinds=["3"])
    assert SCHOOLS_FOR_ALL == 5
    for who in ("graduate7", "school10002", "graduate13", "school10284", "dept10001a"):
        shown = _warned(who)
        assert (shown.kinds, shown.schools) == (("1", "3", "4"), 5)
    assert _warned("graduate1").reasons[0] == "由10001标记"


def test_units_are_never_warned_of_themselves(marked_by: Mark) -> None:
    marked_by([*MANY, "10001", "10002"])
    for who in ("employer1", "employer1b", "employer2", "province11", "operator"):
        assert _warned(who) is None
        assert warning_for(UNIT, user(who), user("school10001").school_id) is None


def test_a_school_warns_of_what_it_sees_only_by_code(marked_by: Mark) -> None:
    marked_by(["10001"], uscc=STRANGE)
    assert _warned("graduate1") is None
    assert _warned("graduate1", STRANGE) is not None
    assert warning_for(None, user("graduate1"), 1) is None


def test_many_units_cost_one_indexed_statement(marked_by: Mark, statements: list[str]) -> None:
    from sqlalchemy import text

    from app.base.database import session

    marked_by([*MANY, "10001", "10002"])
    marked_by(["10001"], uscc=STRANGE)
    actor = user("school10001")
    statements.clear()
    found = warnings_for([UNIT, STRANGE, UNIT, None, "x"], actor, actor.school_id)
    assert set(found) == {UNIT, STRANGE}
    assert len(statements) == 1
    session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = session.execute(text(f"EXPLAIN SELECT * FROM unit_warnings WHERE uscc = '{UNIT}'")).scalars().all()
    assert any("uscc" in line and "Index" in line for line in plan), plan
