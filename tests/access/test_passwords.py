"""The password policy: what is refused, and that every reason is told at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.passwords import check_password, weaknesses
from app.base.errors import Invalid
from trial.demo.country import PASSWORD

USER = "school10001"


@pytest.mark.parametrize(
    "password", [PASSWORD, "Xk9!mmpq27z", "correct horse Battery", "校园2027开学季Go!!", "48A!!93%27#"]
)
def test_good_password_is_taken(password: str) -> None:
    assert check_password(password, USER) == password


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("", 1),
        ("Ab1!", 1),
        ("abcdefghijkl", 1),
        ("ABCDEFGH12345678", 1),
        ("Ab1!" * 33, 1),
        ("a", 2),
        ("School10001!x", 1),
        ("xSCHOOL10001y!", 1),
        ("Password123", 1),
        ("P@ssw0rd!23", 1),
        ("Admin@2027!", 1),
        ("Qwerty12345!", 1),
        ("Woaini@1314", 1),
        ("Aa12345678!", 1),
        ("Xa!abcdefgh", 1),
        ("Aa1!Aa1!Aa1!", 1),
        ("Xk9!mm\x00pq27z", 1),
        ("Xk9!mm\ud800pq27z", 1),
    ],
)
def test_weak_password_is_refused_with_every_reason(password: str, reasons: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, USER, field="new")
    assert list(refused.value.errors) == ["new"]
    assert len(refused.value.errors["new"]) == reasons


@pytest.mark.parametrize("password", [None, 12345678901, ["Qianyue@2027"], {"a": 1}])
def test_what_is_no_text_is_refused(password: object) -> None:
    with pytest.raises(Invalid):
        check_password(password, USER)


def test_short_user_names_forbid_nothing() -> None:
    assert weaknesses("Qianyue@2027", "q") == []


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_is_judged(password: str, username: str) -> None:
    assert isinstance(weaknesses(password, username), list)
