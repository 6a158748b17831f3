"""Each rule by a table: what makes it speak, and what lies next to it and does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select, update

from app.access.devices import KnownDevice, mark_of
from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.base.settings import settings
from app.destination.models import Destination, MinimumWage
from app.documents.uploads import keep_upload
from app.employers.models import Employer, EmployerUser
from app.schools.seasons.models import SchoolSeason
from app.signals.rules import BY_NAME, RULES
from app.signals.words import explained
from app.signing.online.models import OnlineSigning
from config import SettingsError
from tests.destination.stage import draft, picture
from tests.signals.stage import QUIET, accepted, look_over, open_rules, register_says, shown_by, signal_of, unit_of
from tests.signing.stage import fire, user

pytestmark = pytest.mark.usefixtures("undone")
_OLD = timedelta(days=900)


@pytest.fixture(autouse=True)
def _low_limits(undone: None, change_settings: Callable[..., None]) -> None:
    """Two graduates are many; whatever other tests told of the units is forgotten."""
    change_settings(environ={**settings().environ, **QUIET})
    session.execute(update(Employer).values(verified_at=clock.now() - _OLD, created_at=clock.now() - _OLD, size="5"))
    register_says(unit_of())


def _seen(rule: str, *cases: Any) -> bool:
    look_over(*cases, units=[unit_of()])
    return rule in open_rules()


# Many, and in a short time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "apart", "numbers", "speaks"),
    [
        ({"size": "1"}, 0, (1, 2), True),
        ({"verified_at": None}, 0, (1, 2), True),
        ({"verified_at": "new"}, 29, (1, 2), True),
        ({}, 0, (1, 2), False),  # neither small nor new
        ({"size": "1"}, 0, (1,), False),
        ({"size": "1"}, 31, (1, 2), False),
    ],
)
def test_many_graduates(unit: dict[str, Any], apart: int, numbers: tuple[int, ...], speaks: bool) -> None:
    cases = accepted(*numbers)
    cases[0].created_at = clock.now() - timedelta(days=apart)
    values = {**unit, **({"verified_at": clock.now()} if unit.get("verified_at") == "new" else {})}
    session.execute(update(Employer).where(Employer.id == unit_of().id).values(values or {"size": "5"}))
    session.expire_all()
    assert _seen("many_graduates", *cases) is speaks
    if speaks:
        assert shown_by(signal_of("many_graduates")) == {(one.workflow_name, one.id) for one in cases}


@pytest.mark.parametrize(
    ("to_deadline", "apart", "speaks"), [(0, 0, True), (14, 2, True), (15, 0, False), (3, 4, False)]
)
def test_a_burst_before_a_deadline(to_deadline: int, apart: int, speaks: bool) -> None:
    cases = accepted(1, 2)
    cases[0].created_at = clock.now() - timedelta(days=apart)
    day = clock.today() + timedelta(days=to_deadline)
    session.merge(
        SchoolSeason(
            school_id=cases[0].school_id, cohort=cases[0].cohort, deadlines={}, leaving_from=day, leaving_until=day
        )
    )
    if apart and to_deadline + apart > 14:  # the earlier one lies outside of the two weeks
        assert not _seen("burst", *cases)
        return
    assert _seen("burst", *cases) is speaks


# What units share ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [True, False])
def test_one_phone_of_several_units(same: bool) -> None:
    (case,) = accepted(1)
    if same:
        number = session.get_one(EmployerUser, user("employer1").user_id).mobile
        session.get_one(EmployerUser, user("employer2").user_id).mobile = number
    assert _seen("shared_phone", case) is same
    if same:
        found = signal_of("shared_phone")
        assert set(found.facts["names"]) == {unit_of().name, unit_of("employer2").name}
        assert str(number) not in f"{found.facts}{found.subject}"


@pytest.mark.parametrize(("others", "new", "speaks"), [(2, True, True), (1, True, False), (2, False, False)])
def test_one_address_of_several_new_units(others: int, new: bool, speaks: bool) -> None:
    (case,) = accepted(1)
    here = {"region": "110108", "address": "清河梧桐路18号砚渡大厦9层"}
    names = ["employer1", "employer2", "employer3"][: others + 1]
    ids = [unit_of(name).id for name in names]
    at = clock.now() if new else clock.now() - _OLD
    session.execute(update(Employer).where(Employer.id.in_(ids)).values(**here, created_at=at))
    session.expire_all()
    assert _seen("shared_address", case) is speaks


def _used(username: str, cookie: str, *, by_cookie: bool = True) -> None:
    session.add(KnownDevice(user_id=user(username).user_id, mark=mark_of(cookie), by_cookie=by_cookie))
    session.flush()


@pytest.mark.parametrize(
    ("cookie", "by_cookie", "speaks"), [("a", True, True), ("b", True, False), ("a", False, False)]
)
def test_a_browser_of_unit_and_graduate(cookie: str, by_cookie: bool, speaks: bool) -> None:
    (case,) = accepted(1)
    _used("employer1", "a")
    _used("graduate1", cookie, by_cookie=by_cookie)
    assert _seen("device_of_both", case) is speaks


@pytest.mark.parametrize(("cookies", "speaks"), [("aa", True), ("ab", False)])
def test_a_browser_of_several_graduates(cookies: str, speaks: bool) -> None:
    cases = accepted(1, 2)
    for number, cookie in enumerate(cookies, start=1):
        _used(f"graduate{number}", cookie)
    assert _seen("device_of_many", *cases) is speaks


# The register --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "speaks"), [("注销", True), ("吊销", True), ("存续", False)])
def test_a_unit_that_is_not_in_business(state: str, speaks: bool) -> None:
    cases = accepted(1)
    register_says(unit_of(), state)
    assert _seen("not_in_business", *cases) is speaks


@pytest.mark.parametrize(("days", "speaks"), [(1, True), (0, False), (None, False)])
def test_work_that_begins_before_the_unit(days: int | None, speaks: bool) -> None:
    (case,) = accepted(1)
    begins = date.fromisoformat(case.data["position"]["report_by"])
    register_says(unit_of(), founded=begins + timedelta(days=days) if days is not None else None)
    assert _seen("before_founding", case) is speaks


# Single records ------------------------------------------------------------------------------------------------------


def _handed_in(number: int, colour: str, stage: str = "review") -> Destination:
    """A registration with a scan, as it stands after it was handed in."""
    who = user(f"graduate{number}")
    case = draft(who, "12", uscc=unit_of().uscc, employer=unit_of().name)
    keep_upload(case, "proof", picture(colour).read(), name="证明.jpg", actor=who)
    case.stage = stage
    return case


@pytest.mark.parametrize(
    ("second", "colour", "stage", "speaks"),
    [
        (2, "red", "review", True),
        (2, "blue", "review", False),
        (2, "red", "voided", False),  # a record that is over shows nothing
    ],
)
def test_the_same_scan_again(second: int, colour: str, stage: str, speaks: bool) -> None:
    first, again = _handed_in(1, "red"), _handed_in(second, colour, stage)
    assert _seen("same_scan", again) is speaks
    if speaks:
        assert shown_by(signal_of("same_scan")) == {("destination", first.id), ("destination", again.id)}


@pytest.mark.parametrize(
    ("pay", "least", "setting", "speaks"),
    [
        ("2319.99", "2320", 0, True),
        ("2320", "2320", 0, False),
        ("100", None, 0, False),  # nothing is known of the place, and nothing is set
        ("100", None, 500, True),
        ("2400", "2320", 9000, False),  # the place's own goes before the setting
    ],
)
def test_pay_below_the_minimum(
    pay: str, least: str | None, setting: int, speaks: bool, change_settings: Callable[..., None]
) -> None:
    (case,) = accepted(1)
    environ = {**settings().environ, "SIGNAL_UNDER_MINIMUM_MONTHLY": str(setting)}
    change_settings(environ=environ)
    session.execute(update(MinimumWage).values(monthly=None, hourly=None))
    if least:
        session.execute(update(MinimumWage).where(MinimumWage.region == "110000").values(monthly=Decimal(least)))
    case.data = {**case.data, "position": {**case.data["position"], "salary_month": pay}}
    assert _seen("under_minimum", case) is speaks


def test_limits_are_settings_and_odd_ones_are_told(change_settings: Callable[..., None]) -> None:
    rule = BY_NAME["many_graduates"]
    assert rule.limits_in_force() == {**rule.limits, "graduates": 2}
    change_settings(environ={**settings().environ, "SIGNAL_MANY_GRADUATES_DAYS": "two weeks"})
    with pytest.raises(SettingsError, match="SIGNAL_MANY_GRADUATES_DAYS"):
        rule.limits_in_force()


def test_every_rule_explains_itself_in_chinese() -> None:
    """With its numbers; a rule without words would be a verdict by machine."""
    assert len({rule.name for rule in RULES}) == len(RULES) >= 10
    cases = accepted(1, 2)
    register_says(unit_of(), "注销")
    for number in (1, 2):
        _used(f"graduate{number}", "a")
    _used("employer1", "a")
    session.execute(update(Employer).where(Employer.id == unit_of().id).values(size="1"))
    session.expire_all()
    look_over(*cases)
    with force_locale("zh"):
        for name in open_rules():
            text = str(explained(signal_of(name)))
            assert any("\u4e00" <= sign <= "\u9fff" for sign in text), text
            assert any(sign.isdigit() for sign in text), text


def test_what_holds_no_longer_closes_and_opens_again() -> None:
    (case,) = accepted(1)
    register_says(unit_of(), "注销")
    assert _seen("not_in_business", case)
    number = signal_of("not_in_business").id
    register_says(unit_of())
    assert not _seen("not_in_business", case)
    register_says(unit_of(), "注销")
    assert _seen("not_in_business", case)
    assert signal_of("not_in_business").id == number
    fire(case, "abort", user("graduate1"))
    assert not _seen("not_in_business", case)
    assert session.scalar(select(OnlineSigning.stage).where(OnlineSigning.id == case.id)) == "failed"


def test_devices_of_log_ins_know_what_a_browser_is() -> None:
    """A place is shared by many; only the cookie says that it is one browser."""
    from app.access.devices import note_device

    account = session.scalars(select(Account).where(Account.user_id == user("graduate1").user_id)).one()
    note_device(account, cookie="one", ip="10.0.0.1", agent="Firefox")
    marks = {row[0]: row[1] for row in session.execute(select(KnownDevice.mark, KnownDevice.by_cookie))}
    assert marks[mark_of("one")] is True
    assert sorted(marks.values()).count(True) == 1
