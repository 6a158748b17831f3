"""Guessing of codes: by address, by account and over all; nobody uses up the codes of another (R1.2)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from app.access.actors import EMPLOYER
from app.access.attempts import Held
from app.base.crypto import blind_index
from app.base.errors import Invalid, Throttled
from app.passcodes import asking
from app.passcodes import services as codes
from app.passcodes.models import REGISTRATION, VerificationCode

pytestmark = pytest.mark.usefixtures("app_context")
_numbers = count(13_700_000_000)
ATTACKER, PERSON = "203.0.113.9", "198.51.100.7"


def _issue(ip: str, address: str | None = None) -> VerificationCode:
    number = address or str(next(_numbers))
    return codes.issue_code(REGISTRATION, blind_index(number), number, reader=EMPLOYER, ip=ip)


def _guess(ip: str, answer: object = None) -> None:
    """One wrong code for a phone of the attacker's own choice."""
    row = _issue(f"10.0.{next(_numbers) % 250}.1")
    entered = f"{(int(row.sealed or 0) + 1) % 10**6:06d}"
    codes.check_code(row.id, REGISTRATION, entered, ip=ip, answer=answer)


def _right_answer(held: Held) -> dict[str, str]:
    asked = held.values["challenge"]
    first, second = (int(part) for part in asked["question"].removesuffix(" = ?").split(" + "))
    return {"id": asked["id"], "answer": str(first + second)}


def _wrong_ones(many: int, ip: str = ATTACKER) -> None:
    for _one in range(many):
        with pytest.raises(Invalid):
            _guess(ip)


def test_many_wrong_codes_from_one_address_meet_a_question_and_then_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WRONG_FROM_ADDRESS", asking.throttle.Limit("wrong_codes", 5, 600, 0))
    monkeypatch.setattr(asking, "MOST_FROM_ADDRESS", asking.throttle.Limit("wrong_codes_most", 7, 600, 0))
    _wrong_ones(5)
    with pytest.raises(Held) as held:
        _guess(ATTACKER)
    for _more in range(2):
        with pytest.raises(Invalid):
            _guess(ATTACKER, _right_answer(held.value))
        if _more == 0:
            with pytest.raises(Held) as held:
                _guess(ATTACKER)
    with pytest.raises(Throttled) as end:
        _guess(ATTACKER)
    assert not isinstance(end.value, Held)
    right = _issue(PERSON)
    assert codes.check_code(right.id, REGISTRATION, str(right.sealed), ip=PERSON)


def test_right_codes_of_a_campus_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WRONG_FROM_ADDRESS", asking.throttle.Limit("wrong_codes", 2, 600, 0))
    for _student in range(6):
        row = _issue(PERSON)
        assert codes.check_code(row.id, REGISTRATION, str(row.sealed), ip=PERSON)


def test_behind_a_question_the_right_code_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WRONG_FROM_ADDRESS", asking.throttle.Limit("wrong_codes", 3, 600, 0))
    _wrong_ones(3)
    row = _issue(PERSON)
    with pytest.raises(Held) as held:
        codes.check_code(row.id, REGISTRATION, str(row.sealed), ip=ATTACKER)
    assert codes.check_code(row.id, REGISTRATION, str(row.sealed), ip=ATTACKER, answer=_right_answer(held.value))


def test_wrong_codes_from_everywhere_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WRONG_EVERYWHERE", asking.throttle.Limit("wrong_codes_everywhere", 4, 600, 0))
    for place in range(4):
        _wrong_ones(1, f"203.0.113.{place}")
    with pytest.raises(Held):
        _guess("203.0.113.99")


def test_nobody_uses_up_the_codes_of_another() -> None:
    victim = str(next(_numbers))
    for _code in range(codes.AN_HOUR.most):
        codes.throttle.forget(codes.PAUSE, codes.asked_by(victim, ATTACKER))
        _issue(ATTACKER, victim)
    codes.throttle.forget(codes.PAUSE, codes.asked_by(victim, ATTACKER))
    with pytest.raises(Throttled):
        _issue(ATTACKER, victim)
    row = _issue(PERSON, victim)
    assert codes.check_code(row.id, REGISTRATION, str(row.sealed), ip=PERSON)


def test_phone_is_not_flooded_from_many_places() -> None:
    victim = str(next(_numbers))
    for place in range(codes.OF_ALL.most):
        _issue(f"192.0.2.{place}", victim)
    with pytest.raises(Throttled):
        _issue("192.0.2.250", victim)


@pytest.mark.usefixtures("no_phone")
def test_wrong_codes_of_an_account_end_too(
    monkeypatch: pytest.MonkeyPatch, api: Callable[..., object], app_context: object
) -> None:
    from app.access.accounts import account_named
    from app.passcodes import acts

    monkeypatch.setattr(asking, "WRONG_OF_ACCOUNT", asking.throttle.Limit("wrong_codes_account", 6, 3600, 0))
    account = account_named("graduate3")
    assert account is not None
    mine = [acts.Act(account.user_id, "destination", "submit", number) for number in (1, 2)]
    from app.access.actors import load_actor

    sent = [acts.send_code(act, actor=load_actor(account.user_id, ip=PERSON)) for act in mine]
    for act, row in zip(mine, sent, strict=True):
        entered = f"{(int(row.sealed or 0) + 1) % 10**6:06d}"
        for _try in range(3):
            with pytest.raises(Invalid):
                acts.check([act], entered)
    with pytest.raises(Throttled):
        acts.check([mine[0]], str(sent[0].sealed))
