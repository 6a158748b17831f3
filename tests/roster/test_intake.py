"""Graduates come onto the roster all or none, with every wrong field named (R4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import Forbidden, Invalid
from app.roster.models import Graduate
from app.roster.services.intake import add_graduates, level_of
from app.schools.models import Department
from trial.demo import country

ROW = {
    **country.GRADUATES[0].row(2027, 900),
    "exam_number": "23370100009001",
    "student_number": "20230019001",
    "name": "端木晴",
    "id_number": "410671200508030042",
    "department": "考古文博学院",
}


def _count() -> int:
    return session.scalar(select(func.count(Graduate.id))) or 0


def test_new_graduate_brings_the_department_along(app_context: Flask) -> None:
    (graduate,) = add_graduates([ROW], actor=SYSTEM)
    department = session.get(Department, graduate.department_id)
    assert department is not None
    assert department.name == "考古文博学院"
    assert graduate.level == "undergraduate"
    assert graduate.province_id == department.province_id
    assert graduate.confirmed_at is None


def test_who_is_there_stays_as_is(app_context: Flask) -> None:
    first = add_graduates([{**ROW, "exam_number": "23370100009002"}], actor=SYSTEM)
    again = add_graduates([{**ROW, "exam_number": "23370100009002", "name": "端木雨"}], actor=SYSTEM)
    assert again == []
    session.refresh(first[0])
    assert first[0].name == "端木晴"


def test_one_wrong_row_keeps_all_out(app_context: Flask) -> None:
    before = _count()
    rows = [
        {**ROW, "exam_number": "23370100009003"},
        {**ROW, "exam_number": "23370100009004", "id_number": "410671200508030043", "training_mode": "2"},
    ]
    with pytest.raises(Invalid) as refusal:
        add_graduates(rows, actor=SYSTEM)
    assert set(refusal.value.errors) == {"1.id_number", "1.training_mode"}
    assert "21/22" in str(refusal.value.errors["1.training_mode"][0])
    session.rollback()
    assert _count() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("school", "99999"),
        ("cohort", "20x7"),
        ("exam_number", "1"),
        ("name", ""),
        ("sex", "9"),
        ("id_number", "110101"),
        ("ethnicity", "99"),
        ("education", "99"),
        ("training_mode", "4"),
        ("graduated_on", "2027-02-30"),
        ("origin_region", "000000"),
        ("mobile", "1234"),
        ("department", "院" * 65),
    ],
)
def test_wrong_field_is_named(field: str, value: str, app_context: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        add_graduates([{**ROW, "exam_number": "23370100009005", field: value}], actor=SYSTEM)
    assert list(refusal.value.errors) == [f"0.{field}"]


@pytest.mark.parametrize("username", ["employer1", "graduate1", "province11", "dept10001a"])
def test_others_may_not(username: str, actor_of: Callable[[str], Actor], app_context: Flask) -> None:
    with pytest.raises(Forbidden):
        add_graduates([ROW], actor=actor_of(username))


@pytest.mark.parametrize(
    ("education", "level"),
    [("01", "postgraduate"), ("11", "postgraduate"), ("25", "undergraduate"), ("41", "undergraduate")],
)
def test_level_follows_the_education(education: str, level: str) -> None:
    assert level_of(education) == level


def test_minority_dot_and_spaces_get_one_spelling(app_context: Flask) -> None:
    rows: list[dict[str, Any]] = [{**ROW, "exam_number": "23370100009006", "name": " 古丽娜尔•肉孜 "}]
    (graduate,) = add_graduates(rows, actor=SYSTEM)
    assert graduate.name == "古丽娜尔·肉孜"
