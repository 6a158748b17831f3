"""Marks on units: who may, what is refused, what is kept (R8.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.flags.models import UnitWarning
from app.flags.services import add_warning, change_warning, remove_warning
from tests.flags.conftest import STRANGE, Sent

pytestmark = pytest.mark.usefixtures("undone")
Actors = Callable[[str], Any]


def _lines(marked: UnitWarning) -> list[AuditLine]:
    query = select(AuditLine).where(AuditLine.subject == f"warnings {marked.id}").order_by(AuditLine.id)
    return list(session.scalars(query))


def test_a_school_marks_changes_and_takes_back(actor_of: Actors, sent: Sent) -> None:
    actor = actor_of("school10001")
    marked = add_warning(sent(uscc=" 91110108mx5per7k08 ", kinds=["4", "1", "4"]), actor=actor)
    assert (marked.uscc, marked.kinds, marked.school_id) == ("91110108MX5PER7K08", ["1", "4"], actor.school_id)
    changed = change_warning(marked.id, {"reason": "拖欠工资"}, actor=actor, version=1)
    assert (changed.reason, changed.kinds, changed.version) == ("拖欠工资", ["1", "4"], 2)
    change_warning(marked.id, {"reason": "拖欠工资"}, actor=actor)
    remove_warning(marked.id, actor=actor)
    assert session.get(UnitWarning, marked.id) is None
    lines = _lines(marked)
    assert [line.action for line in lines] == ["warning_added", "warning_changed", "warning_removed"]
    assert lines[1].detail["before"] == {"reason": "招聘简章与实际岗位不符"}
    assert lines[2].detail["before"]["uscc"] == "91110108MX5PER7K08"


def test_a_unit_that_is_not_registered_can_be_marked(actor_of: Actors, sent: Sent) -> None:
    assert add_warning(sent(uscc=STRANGE, name="某某公司"), actor=actor_of("school10001")).uscc == STRANGE


@pytest.mark.parametrize("who", ["operator", "province11", "dept10001a", "employer1", "graduate1"])
def test_only_schools_mark(actor_of: Actors, sent: Sent, who: str) -> None:
    with pytest.raises(Forbidden):
        add_warning(sent(), actor=actor_of(who))


@pytest.mark.parametrize("held", ["ro", "none"])
def test_marking_needs_read_and_write(
    actor_of: Actors,
    manager: Callable[..., Any],
    sent: Sent,
    held: str,
) -> None:
    marked = add_warning(sent(), actor=actor_of("school10001"))
    reader = manager("school", like="school10001", modules={"employment": held})
    with pytest.raises(Forbidden):
        add_warning(sent(uscc=STRANGE), actor=reader)
    with pytest.raises(Forbidden):
        change_warning(marked.id, {"reason": "x"}, actor=reader)
    with pytest.raises(Forbidden):
        remove_warning(marked.id, actor=reader)


@pytest.mark.parametrize("who", ["school10002", "dept10001a", "employer1", "graduate1", "province11"])
def test_a_mark_of_another_school_is_not_there(actor_of: Actors, sent: Sent, who: str) -> None:
    marked = add_warning(sent(), actor=actor_of("school10001"))
    with pytest.raises(NotFound):
        change_warning(marked.id, {"reason": "x"}, actor=actor_of(who))
    with pytest.raises(NotFound):
        remove_warning(marked.id, actor=actor_of(who))


def test_one_mark_a_school_and_unit(actor_of: Actors, sent: Sent) -> None:
    first, other = actor_of("school10001"), actor_of("school10002")
    add_warning(sent(), actor=first)
    with pytest.raises(Conflict) as refused:
        add_warning(sent(reason=""), actor=first)  # the rule comes before the fields
    assert refused.value.code == "already_marked"
    second = add_warning(sent(uscc=STRANGE), actor=first)
    with pytest.raises(Conflict):
        change_warning(second.id, sent(), actor=first)
    assert add_warning(sent(), actor=other).school_id == other.school_id


def test_of_two_changes_one_comes_second(actor_of: Actors, sent: Sent) -> None:
    actor = actor_of("school10001")
    marked = add_warning(sent(), actor=actor)
    change_warning(marked.id, {"name": "甲"}, actor=actor, version=1)
    with pytest.raises(Conflict) as refused:
        change_warning(marked.id, {"name": "乙"}, actor=actor, version=1)
    assert refused.value.code == "stale"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uscc": "91110108MX5PER8K08"}, "uscc"),
        ({"uscc": ""}, "uscc"),
        ({"uscc": None}, "uscc"),
        ({"name": " "}, "name"),
        ({"name": "名" * 65}, "name"),
        ({"kinds": []}, "kinds"),
        ({"kinds": "1"}, "kinds"),
        ({"kinds": ["77"]}, "kinds.0"),
        ({"kinds": [{}]}, "kinds.0"),
        ({"reason": "因" * 501}, "reason"),
        ({"reason": None}, "reason"),
    ],
)
def test_wrong_fields_are_told(actor_of: Actors, sent: Sent, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_warning(sent(**changes), actor=actor_of("school10001"))
    assert list(refused.value.errors) == [field]
