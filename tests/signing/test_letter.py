"""Every field of the letter is checked with a message at the field, and nothing is saved (R6.4)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.base import clock
from app.base.database import session
from app.base.errors import Invalid
from app.codes.forms import read
from app.signing.online.forms import InvitationForm
from app.signing.online.models import OnlineSigning
from app.workflow.models import History, OutboxMessage
from tests.signing.stage import ARCHIVE, letter

LONG = "长" * 200_000
HUKOU = {"accept": True, "optional": False, "address": "朝阳区集体户"}
TEXTS = (
    *("position.title", "position.department", "position.address", "position.contact"),
    *("archive.receiver", "archive.department", "archive.address", "archive.contact", "hukou.address", "clauses"),
)
CODES = ("position.category", "position.region")
MONEY = ("position.salary_month", "position.probation_salary", "position.liquidated_damages")
DAYS = ("position.report_by", "valid_until")
PHONES = ("position.phone", "archive.phone")
FLAGS = ("archive.accept", "hukou.accept", "hukou.optional")
REQUIRED = (
    *("position.title", "position.category", "position.region", "position.salary_month", "position.report_by"),
    *("position.contact", "position.phone"),
    *(f"archive.{name}" for name in ARCHIVE if name != "accept"),
    "hukou.address",
)
FIELDS = (*TEXTS, *CODES, *MONEY, *DAYS, *PHONES, *FLAGS, "position.probation_months", "archive.postcode")
GROUPS = ("position", "archive", "hukou")
MISSING = object()

pytestmark = pytest.mark.usefixtures("app_context")


def complete() -> dict[str, Any]:
    """A letter with every field filled in."""
    return letter(archive=dict(ARCHIVE), hukou=dict(HUKOU))


def with_value(field: str, value: Any) -> dict[str, Any]:
    """The complete letter with one field changed or left out."""
    changed = copy.deepcopy(complete())
    changed["position"]["department"] = "人力资源部"
    *groups, name = field.split(".")
    place = changed[groups[0]] if groups else changed
    if value is MISSING:
        place.pop(name, None)
    else:
        place[name] = value
    return changed


def errors_of(sent: dict[str, Any]) -> dict[str, list[str]]:
    """What the form says, empty when it is content."""
    try:
        read(InvitationForm, sent)
    except Invalid as error:
        return {field: [str(text) for text in texts] for field, texts in error.errors.items()}
    return {}


def day(days: int) -> str:
    """A day counted from today in China."""
    return (clock.today() + timedelta(days=days)).isoformat()


WRONG: dict[str, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    "text": (TEXTS, (LONG, "a\x00b", "a\x1bb", "\ud800", 5, True, None, ["x"], {"x": 1})),
    "code": (CODES, ("", "99999", "x" * 200_000, 13, None, True, ["13"], "１３", " 13", "13 ", "13'--")),
    "money": (
        MONEY,
        ("-1", -1, "-0.01", "1.001", "NaN", "Infinity", "1e9", "100000000", "x", True, False, ["1"], {}, "9" * 200_000),
    ),
    "salary": (("position.salary_month",), ("0", 0, "0.00", "", None)),
    "day": (DAYS, ("2027-02-30", "2027-01", "1月31日", "05.06.2027", 20270101, True, [day(3)], LONG)),
    "no day": (("position.report_by",), ("", None)),
    "validity": (("valid_until",), (day(-400), day(-1), day(0), day(31), day(4000), "9999-12-31", "0001-01-01")),
    "report": (("position.report_by",), (day(-1), day(3 * 366 + 1), "0001-01-01", "9999-12-31")),
    "phone": (PHONES, ("", "123", "abc", "1380013800", "138001380000", "010-123", 13800138000, ["13800138000"], LONG)),
    "months": (("position.probation_months",), (-1, 13, 1.5, "x", "1.5", True, [3], 10**30, "9" * 300)),
    "postcode": (("archive.postcode",), ("12345", "1234567", "abcdef", 100022, True, ["100022"])),
    "flag": (FLAGS, ("perhaps", 7, [], {}, None, LONG)),
    "missing": (REQUIRED, (MISSING, "", "   ", None)),
    "group": (GROUPS, ("x", 5, [], [{}], True, None)),
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{kind}-{field}-{number}")
        for kind, (fields, values) in WRONG.items()
        for field in fields
        for number, value in enumerate(values)
    ],
)
def test_wrong_value_is_told_at_its_field_alone(field: str, value: Any) -> None:
    errors = errors_of(with_value(field, value))
    assert list(errors) == [field]
    assert all(0 < len(text) < 100 and "%(" not in text for text in errors[field])


RIGHT: dict[str, tuple[Any, ...]] = {
    "position.title": ("工", "工" * 64, "  前后空格  ", "C++ / 《前端》工程师", "𠮷"),
    "position.salary_month": ("0.01", "99999999.99", "8000", 8000, 8000.5, " 8000.00 "),
    "position.probation_months": (0, 12, "3", " 3 ", "", None, MISSING),
    "position.probation_salary": ("0", "", None, MISSING),
    "position.liquidated_damages": ("0", "", MISSING),
    "position.department": ("", MISSING),
    "position.address": ("", MISSING),
    "position.phone": ("13800138000", "010-62510000", "01062510000", "400-810-8888", "010-62510000-123"),
    "position.report_by": (day(0), day(3 * 366)),
    "valid_until": (day(1), day(30), "", None, MISSING),  # without it, as long as the school gives
    "clauses": ("", MISSING, "第一条\n第二条", "第一条\r\n第二条", "条" * 2000),
    "archive": (MISSING, {}, {"accept": False}, {"accept": False, "receiver": ""}),
    "hukou": (MISSING, {}, {"accept": False}),
    "hukou.optional": (True, MISSING, "1", "true"),
    "unknown": ("whatever",),
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(field, value, id=f"{field}-{number}")
        for field, values in RIGHT.items()
        for number, value in enumerate(values)
    ],
)
def test_right_value_at_the_edge_is_taken(field: str, value: Any) -> None:
    assert errors_of(with_value(field, value)) == {}


def test_lines_of_a_browser_are_kept_as_lines() -> None:
    """A text area sends line ends as two characters; they are stored as one, and only one counts."""
    clean = read(InvitationForm, with_value("clauses", "条" * 999 + "\r\n" + "条" * 1000))
    assert clean["clauses"] == "条" * 999 + "\n" + "条" * 1000


def test_all_mistakes_are_told_at_once() -> None:
    sent = complete()
    for field in REQUIRED:
        *groups, name = field.split(".")
        (sent[groups[0]] if groups else sent)[name] = ""
    assert set(errors_of(sent)) == set(REQUIRED)


def test_empty_letter_asks_for_what_is_needed() -> None:
    """A letter without a day holds as long as the school gives (tests/deadlines)."""
    assert set(errors_of({})) == {"position"}
    assert set(errors_of({"position": {}})) == {name for name in REQUIRED if name.startswith("position")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example(field="position.salary_month", value="１２")
@example(field="position.salary_month", value="sNaN")
@example(field="position.probation_months", value="²")
@example(field="valid_until", value="２０２７-01-01")
@given(field=st.sampled_from((*FIELDS, *GROUPS)), value=JSON)
def test_whatever_is_sent_is_either_taken_or_told_at_the_field(field: str, value: Any) -> None:
    errors = errors_of(with_value(field, value))
    assert all(name == field or name.startswith(f"{field}.") or _depends(field, name) for name in errors), errors


def _depends(field: str, name: str) -> bool:
    """Fields of a group become required when the group's switch is on."""
    return field.endswith(".accept") and name.split(".")[0] == field.split(".")[0]


SENT: list[tuple[str, Any]] = [
    ("valid_until", "2000-01-01"),
    ("position.salary_month", "-1"),
    ("position.category", "99999"),
    ("clauses", LONG),
    ("position.title", ["软件工程师"]),
    ("position.salary_month", True),
    ("position", [complete()["position"]]),
    ("archive.phone", {"nested": {"deeper": [1]}}),
]


def test_nothing_is_saved_by_a_letter_with_a_mistake(
    app: Flask, api: Callable[..., Any], actor_of: Callable[[str], Any]
) -> None:
    """Through the API: 422, the field named, no case, no history, no notice."""
    before, graduate = _rows(), actor_of("graduate1").graduate_id
    for field, value in SENT:
        answer = api("employer1").post("/online_signing/", {**with_value(field, value), "graduate_ids": [graduate]})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
        assert answer.get_json()["code"] == "invalid"
    assert _rows() == before


def _rows() -> list[int | None]:
    session.rollback()
    return [session.scalar(select(func.count()).select_from(one)) for one in (OnlineSigning, History, OutboxMessage)]
