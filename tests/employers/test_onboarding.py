"""The first log-in step by step: left, resumed, refused where it has to be (R5.1, R5.2, R5.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.accounts import create_account, hash_password
from app.access.actors import EMPLOYER, SYSTEM, Actor, load_actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, Throttled
from app.cases.services import begin_case
from app.employers.models import Employer
from app.employers.services import send_code
from app.employers.verification.services import onboarding
from app.passcodes.models import VerificationCode
from app.passcodes.services import MOST_TRIES
from tests.employers.stage_verification import attach, fire
from tests.signing.stage import user
from trial.demo import country

PERSON = {"sex": "1", "department": "人事部", "post": "主管", "work_phone": "020-55553009", "mobile": "15400030009"}
UNIT = {**country.UNITS[2].facts, "name": "广州砚舟信息有限公司", "uscc": "91440106MA59TEST04"}


@pytest.fixture
def newcomer(fresh_database: str, app_context: Flask) -> Actor:
    """Somebody who has just registered and belongs to no unit."""
    account = create_account(
        username="employer9", name="新用户", kind=EMPLOYER, password_hash=hash_password("x"), actor=SYSTEM
    )
    return load_actor(account.user_id)


def _again(actor: Actor) -> Actor:
    session.expire_all()
    assert actor.user_id
    return load_actor(actor.user_id)


def _code_for(actor: Actor, drain: Callable[..., int]) -> str:
    """As its owner reads it in the mail."""
    drain()
    session.expire_all()
    query = select(VerificationCode).where(VerificationCode.user_id == actor.user_id)
    row = session.scalars(query.order_by(VerificationCode.id.desc())).first()
    assert row is not None
    assert row.status == "sent"
    return row.sealed or ""


def _own_code() -> str:
    """A right credit code that no unit of the demonstration has."""
    from app.base.values.credit_codes import is_credit_code

    body = "91440106MA59TEST0".replace("T", "K").replace("S", "5")
    return next(body + sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_credit_code(body + sign))


def test_every_step_is_kept(newcomer: Actor, drain: Callable[..., int]) -> None:
    assert onboarding.step_of(newcomer) == "platform"
    onboarding.choose_platform(actor=newcomer)
    assert onboarding.step_of(newcomer) == "person"
    send_code("new@unit.example", actor=newcomer)
    with pytest.raises(Throttled):
        send_code("new@unit.example", actor=newcomer)
    code = _code_for(newcomer, drain)
    person = {**PERSON, "name": "新名字", "email": "new@unit.example", "email_code": code}
    with pytest.raises(Invalid) as refusal:
        onboarding.save_person({**person, "email": "other@unit.example"}, actor=newcomer)
    assert set(refusal.value.errors) == {"email_code"}
    with pytest.raises(Invalid) as refusal:
        onboarding.save_person({**person, "work_phone": "", "fax": ""}, actor=newcomer)
    assert set(refusal.value.errors) == {"work_phone"}
    onboarding.save_person(person, actor=newcomer)
    newcomer = _again(newcomer)
    assert newcomer.name == "新名字"
    assert onboarding.step_of(newcomer) == "unit"
    onboarding.save_unit({**UNIT, "uscc": _own_code()}, actor=newcomer)
    newcomer = _again(newcomer)
    assert newcomer.employer_id
    assert onboarding.step_of(newcomer) == "method"
    begin_case("verification", {"method": "materials"}, actor=newcomer, submit=False)
    assert onboarding.step_of(newcomer) == "papers"


def test_code_of_another_purpose_or_user_proves_nothing(newcomer: Actor, drain: Callable[..., int]) -> None:
    send_code("new@unit.example", actor=newcomer)
    code = _code_for(newcomer, drain)
    person = {**PERSON, "name": "新用户", "email": "new@unit.example", "email_code": code}
    with pytest.raises(Invalid):
        onboarding.save_person(person, actor=user("employer3"))
    onboarding.save_person(person, actor=newcomer)
    onboarding.save_person({**person, "email_code": ""}, actor=newcomer)  # the address is proved already


def test_unit_information_begins_with_the_company_named_before(newcomer: Actor, drain: Callable[..., int]) -> None:
    send_code("new@unit.example", actor=newcomer)
    code = _code_for(newcomer, drain)
    person = {
        **PERSON,
        "name": "新用户",
        "email": "new@unit.example",
        "email_code": code,
        "company": "深圳测试有限公司",
    }
    onboarding.save_person(person, actor=newcomer)
    assert onboarding.typed_unit(newcomer) == {"name": "深圳测试有限公司"}
    assert onboarding.step_of(newcomer) == "unit"


def test_code_ends_after_five_wrong_tries(newcomer: Actor, drain: Callable[..., int]) -> None:
    send_code("new@unit.example", actor=newcomer)
    code = _code_for(newcomer, drain)
    person = {**PERSON, "name": "新名字", "email": "new@unit.example"}
    wrong = "000000" if code != "000000" else "111111"
    for tried in [wrong] * MOST_TRIES + [code]:
        with pytest.raises(Invalid):
            onboarding.save_person({**person, "email_code": tried}, actor=newcomer)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "2", "nature": "31"}, "nature"),
        ({"type": "1", "nature": "39"}, "nature"),
        ({"type": "7", "nature": "10"}, "nature"),
        ({"uscc": "91440106MXP3NNC90D"}, "uscc"),
        ({"website": "x example"}, "website"),
        ({"name": "\ud83d"}, "name"),
        ({"region": "999999"}, "region"),
        ({"industry": "XX"}, "industry"),
        ({"name": ""}, "name"),
    ],
)
def test_wrong_unit_information_is_named(newcomer: Actor, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        onboarding.save_unit({**UNIT, "uscc": _own_code(), **change}, actor=newcomer)
    assert set(refusal.value.errors) == {field}
    assert all(len(str(text)) > 2 for text in refusal.value.errors[field])  # whole sentences, not letters
    assert session.scalar(select(Employer).where(Employer.uscc == _own_code())) is None


def _give_phone(actor: Actor) -> None:
    with transaction():
        onboarding.choose_platform(actor=actor).work_phone = PERSON["work_phone"]


def test_second_user_joins_and_no_unit_is_doubled(newcomer: Actor) -> None:
    known = country.UNITS[0].facts
    onboarding.save_unit({**known, "name": "别的写法"}, actor=newcomer)
    newcomer = _again(newcomer)
    assert newcomer.employer_id is None
    assert onboarding.joins(newcomer)
    with pytest.raises(Conflict):
        begin_case("verification", {"method": "materials"}, actor=newcomer, submit=False)
    case = begin_case("verification", {"method": "join"}, actor=newcomer, submit=False)
    attach(case, "authorization_letter")
    _give_phone(newcomer)
    fire(case, "submit", newcomer)
    fire(case, "approve", user("operator"))
    newcomer = _again(newcomer)
    assert newcomer.employer_id == user("employer1").employer_id
    assert session.get_one(Employer, newcomer.employer_id).name == known["name"]


def test_who_only_claimed_a_unit_loses_it_to_who_proves_it(newcomer: Actor) -> None:
    claimed = user("employer3")
    onboarding.save_unit({**country.UNITS[2].facts, "name": "真正的名字"}, actor=newcomer)
    newcomer = _again(newcomer)
    case = begin_case("verification", {"method": "join"}, actor=newcomer, submit=False)
    attach(case, "authorization_letter")
    with pytest.raises(Invalid) as refusal:
        fire(case, "submit", newcomer)
    assert set(refusal.value.errors) == {"licence", "work_phone"}
    _give_phone(newcomer)
    attach(case, "licence")
    fire(case, "submit", newcomer)
    fire(case, "approve", user("operator"))
    assert _again(newcomer).employer_id == claimed.employer_id
    assert user("employer3").employer_id is None
    assert session.get_one(Employer, claimed.employer_id).name == "真正的名字"
    assert not onboarding.is_verified(user("employer3"))


def test_submitted_unit_is_locked(fresh_database: str, app_context: Flask) -> None:
    actor = user("employer3")
    case = begin_case("verification", {"method": "known_unit"}, actor=actor, submit=False)
    attach(case, "authorization_letter")
    fire(case, "submit", actor)
    with pytest.raises(Conflict):
        onboarding.save_unit(country.UNITS[2].facts, actor=actor)
