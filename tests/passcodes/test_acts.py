"""Codes for what binds a graduate: which acts ask for one, what one fits, what is counted, who waits (R7.3, R1.10)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.access.accounts import account_of_user
from app.access.actors import GRADUATE, Actor
from app.access.models import Account
from app.base import clock
from app.base.database import lasting, session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, Throttled
from app.cases.progress import proof_words
from app.cases.proof import act_named, own_phone
from app.notices import channels
from app.notices.models import ChannelAddress
from app.notices.services import bind_address
from app.passcodes.acts import Act, prove, send_code
from app.passcodes.models import VerificationCode
from app.passcodes.phones import settles_at, take_number
from app.passcodes.services import MOST_TRIES
from app.workflow import engine, registry
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.signing.stage import Stage, invite, user

Api = Callable[..., Any]
# As the contract names them: graduates alone are asked.
BINDING = {
    *(("online_signing", "accept"), ("online_termination", "start"), ("online_termination", "agree")),
    *(("offline_signing", "submit"), ("supplementary", "submit"), ("offline_termination", "submit")),
    *(("destination", "submit"), ("destination", "void"), ("objection", "start")),
    *(("amendment", "start"), ("amendment", "agree"), ("leaving", "confirm")),
}


def test_what_binds_is_said_by_the_tables_and_said_in_words() -> None:
    rows = [
        (table.name, row)
        for table in registry.all_workflows()
        for row in (*table.initial, *table.transitions)
        if row.proof is not None and GRADUATE in row.who
    ]
    assert {(name, row.event) for name, row in rows} == BINDING
    assert all(row.proof is own_phone and row.binds for _name, row in rows)


@pytest.fixture
def invited(fresh_database: str, app_context: Flask) -> tuple[Actor, int]:
    """graduate7 with an invitation."""
    graduate = user("graduate7")
    return graduate, invite(user("employer1"), graduate).id


def code_of(actor: Actor, workflow: str, event: str, case_id: int | None = None) -> str:
    """Have a code sent and read it, as the trial shows it."""
    row = send_code(act_named(workflow, event, case_id, actor=actor).act, actor=actor)
    assert row.sealed is not None
    return row.sealed


def with_code(actor: Actor, code: str | None) -> Actor:
    return replace(actor, code=code)


def accept(actor: Actor, case_id: int, code: str | None) -> Any:
    return engine.fire("online_signing", case_id, "accept", actor=with_code(actor, code))


@pytest.mark.usefixtures("no_phone")
class TestOneInvitation:
    """The code of 应约 from every side."""

    def test_the_right_code_stands_in_the_history_and_serves_once(self, invited: tuple[Actor, int], api: Api) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        accept(actor, case_id, f" {code[:3]} {code[3:]}")
        step = api("graduate7").get(f"/online_signing/{case_id}").get_json()["result"]["history"][-1]
        assert step["proof"]["kind"] == "sms"
        assert "****" in step["proof"]["sent_to"]
        assert step["proof"]["at"]
        with pytest.raises(Invalid):
            prove([act_named("online_signing", "accept", case_id, actor=actor).act], code)

    @pytest.mark.parametrize("code", [None, "", "000000", "０００", "' or 1=1"])
    def test_without_the_right_one_nothing_happens(self, invited: tuple[Actor, int], code: str | None) -> None:
        actor, case_id = invited
        code_of(actor, "online_signing", "accept", case_id)
        with pytest.raises(Invalid) as refusal:
            accept(actor, case_id, code)
        assert list(refusal.value.errors) == ["code"]
        assert engine.load(registry.get("online_signing"), case_id, actor=actor).state == "invited"

    def test_a_code_of_another_act_record_or_person_does_not_fit(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        other = invite(user("employer2"), actor).id
        for foreign in (
            code_of(actor, "online_signing", "accept", other),
            code_of(actor, "destination", "submit"),
            code_of(actor, "me", "confirm"),
            code_of(user("graduate8"), "destination", "submit"),
        ):
            with pytest.raises(Invalid):
                accept(actor, case_id, foreign)

    def test_codes_of_different_acts_do_not_end_each_other(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        first = code_of(actor, "online_signing", "accept", case_id)
        code_of(actor, "destination", "submit")
        code_of(actor, "online_signing", "accept", invite(user("employer2"), actor).id)
        accept(actor, case_id, first)

    def test_a_second_code_of_the_same_act_ends_the_first(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        first, second = (code_of(actor, "online_signing", "accept", case_id) for _ in range(2))
        if first != second:
            with pytest.raises(Invalid):
                accept(actor, case_id, first)
        accept(actor, case_id, second)

    def test_a_changed_record_needs_a_new_code(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        model = registry.get("online_signing").model
        with transaction():
            session.execute(update(model).where(model.id == case_id).values(version=model.version + 1))
        session.expire_all()
        with pytest.raises(Invalid):
            accept(actor, case_id, code)

    def test_five_wrong_tries_end_a_code_and_outlive_the_refusal(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _try in range(MOST_TRIES):
            with pytest.raises(Invalid):
                accept(actor, case_id, wrong)
        with pytest.raises(Invalid):
            accept(actor, case_id, code)

    def test_many_guesses_at_once_are_counted_one_by_one(self, invited: tuple[Actor, int], app: Flask) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        wrong = f"{(int(code) + 1) % 10**6:06d}"

        def guess(_number: int) -> bool:
            with app.app_context():
                try:
                    accept(actor, case_id, wrong)
                except Invalid:
                    return True
                finally:
                    session.remove()
            return False

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(guess, range(20)))
        with lasting() as own:
            tries = own.scalars(select(VerificationCode.tries).order_by(VerificationCode.id.desc()).limit(1)).one()
        assert tries == MOST_TRIES

    def test_a_rule_refuses_before_the_code_and_spends_nothing(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        with time_machine.travel(clock.now() + timedelta(days=9), tick=True), pytest.raises(Conflict):
            accept(actor, case_id, "000000")
        accept(actor, case_id, code)

    def test_a_code_ends_after_ten_minutes(self, invited: tuple[Actor, int]) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)
        with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True), pytest.raises(Invalid):
            accept(actor, case_id, code)

    def test_of_eight_presses_with_one_code_one_gets_through(self, invited: tuple[Actor, int], app: Flask) -> None:
        actor, case_id = invited
        code = code_of(actor, "online_signing", "accept", case_id)

        def press(_number: int) -> str:
            with app.app_context():
                try:
                    return str(accept(actor, case_id, code).state)
                except Conflict as refusal:
                    return refusal.code
                finally:
                    session.remove()

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(press, range(8)))
        assert sorted(set(outcomes)) == ["school_review", "wrong_state"]
        assert outcomes.count("school_review") == 1


@pytest.mark.usefixtures("no_phone", "fresh_database")
def test_a_creation_is_proven_without_an_id_and_by_the_id_of_the_draft(api: Api) -> None:
    graduate = api("graduate8")
    record = {"type": "70", "data": {}}
    refused = graduate.post("/destination/", record)
    assert refused.status_code == 422, refused.text
    draft = graduate.post("/destination/", {**record, "submit": False})
    assert draft.status_code == 201, draft.text
    case_id = draft.get_json()["id"]
    for about in ({}, {"id": case_id}):
        sent = graduate.post("/me/code", {"workflow": "destination", "event": "submit", **about})
        assert sent.status_code == 202
        assert sent.get_json()["result"]["trial_code"]


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("graduate9", {"workflow": "destination", "event": "submit"}, 202),
        ("graduate9", {"workflow": "me", "event": "confirm"}, 202),
        ("graduate9", {"workflow": "online_termination", "event": "start", "id": None}, 202),
        ("graduate9", {"workflow": "online_signing", "event": "accept"}, 422),
        ("graduate9", {"workflow": "online_signing", "event": "decline", "id": 1}, 422),
        ("graduate9", {"workflow": "nothing", "event": "accept", "id": 1}, 422),
        ("graduate9", {"workflow": "online_signing", "event": "accept", "id": 2**62}, 404),
        ("graduate9", {"workflow": "online_signing", "event": "accept", "id": 2**70}, 422),
        ("graduate9", {"workflow": "online_signing", "event": "accept", "id": "1"}, 422),
        ("graduate9", {}, 422),
        ("employer1", {"workflow": "destination", "event": "submit"}, 403),
        ("school10002", {"workflow": "destination", "event": "submit"}, 403),
        ("operator", {"workflow": "destination", "event": "submit"}, 403),
    ],
)
def test_asking_for_a_code(api: Api, who: str, body: dict[str, Any], status: int) -> None:
    answer = api(who).post("/me/code", body)
    assert answer.status_code == status, answer.text
    if status == 202:
        told = answer.get_json()["result"]
        assert set(told) == {"sent_to", "channel", "expires_at", "trial_code"}
        assert "****" in told["sent_to"]


@pytest.mark.usefixtures("no_phone", "fresh_database")
def test_confirming_the_own_data_asks_for_a_code_once(api: Api, app: Flask, actor_of: Callable[[str], Actor]) -> None:
    from app.roster.models import Graduate

    with app.app_context(), transaction():
        session.execute(
            update(Graduate).where(Graduate.id == actor_of("graduate10").graduate_id).values(confirmed_at=None)
        )
    graduate = api("graduate10")
    assert graduate.post("/me/confirm").get_json()["errors"].keys() == {"code"}
    sent = graduate.post("/me/code", {"workflow": "me", "event": "confirm"}).get_json()["result"]
    assert graduate.post("/me/confirm", {"code": sent["trial_code"]}).status_code == 200
    assert graduate.post("/me/confirm").status_code == 200  # nothing is left to prove


def test_phones_are_not_flooded(fresh_database: str, app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One code a minute for the same act, ten an hour for one phone, where messages are really sent."""
    from app.passcodes import services

    monkeypatch.setattr(services, "DevelopmentChannel", type("NoChannel", (), {}))
    actor = user("graduate11")

    def act(number: int) -> Act:
        return Act(actor.user_id or 0, "destination", "submit", number + 1, 1)

    send_code(act(0), actor=actor)
    with pytest.raises(Throttled):
        send_code(act(0), actor=actor)
    for number in range(1, 10):
        send_code(act(number), actor=actor)
    with pytest.raises(Throttled):
        send_code(act(10), actor=actor)


def test_other_kinds_can_name_no_act(app_context: Flask) -> None:
    for who in ("operator", "province11", "school10001", "dept10001a", "employer1"):
        with pytest.raises(Forbidden):
            act_named("destination", "submit", None, actor=user(who))


class TestNumbers:
    """Since when a number is somebody's own."""

    def account(self) -> Account:
        return account_of_user(user("graduate12").user_id or 0)

    def test_a_number_settles_after_seven_days(self, app_context: Flask) -> None:
        account = self.account()
        assert settles_at(account) is None
        take_number(account, "13800138000")
        due = settles_at(account)
        assert due is not None
        assert due > clock.now() + timedelta(days=6)
        take_number(account, "13800138000")
        assert settles_at(account) == due  # saying it again begins nothing anew
        with time_machine.travel(due + timedelta(seconds=1), tick=True):
            assert settles_at(account) is None

    def test_an_identity_provider_settles_it_at_once_and_only_that_number(self, app_context: Flask) -> None:
        account = self.account()
        take_number(account, "13800138001", vouched=True)
        assert settles_at(account) is None
        take_number(account, "13800138002")
        assert settles_at(account) is not None


class TestWechat:
    """A code by WeChat: to what this very person alone has bound, and as long ago as a number has to be."""

    @pytest.fixture
    def bound(self, invited: tuple[Actor, int]) -> Callable[..., None]:
        """Bind this WeChat to graduate7, so many days ago."""

        def bind(days: float, *, openid: str = "o-of-graduate7", who: str = "graduate7") -> None:
            with time_machine.travel(clock.now() - timedelta(days=days), tick=True):
                bind_address("wechat", openid, actor=user(who))

        return bind

    def asked(self, invited: tuple[Actor, int], channel: str | None = "wechat") -> VerificationCode:
        actor, case_id = invited
        act = act_named("online_signing", "accept", case_id, actor=actor).act
        return send_code(act, actor=actor, channel=channel)

    @pytest.mark.usefixtures("no_phone")
    def test_the_one_of_the_person_takes_it_and_the_history_says_so(
        self, invited: tuple[Actor, int], bound: Callable[..., None], api: Api
    ) -> None:
        actor, case_id = invited
        bound(8)
        bound(0)  # the same once more begins nothing anew
        body = {"workflow": "online_signing", "event": "accept", "id": case_id, "channel": "wechat"}
        told = api("graduate7").post("/me/code", body).get_json()["result"]
        assert told["channel"] == "wechat"
        accept(actor, case_id, told["trial_code"])
        step = api("graduate7").get(f"/online_signing/{case_id}").get_json()["result"]["history"][-1]
        assert step["proof"]["kind"] == "wechat"
        assert step["proof"]["sent_to"] == told["sent_to"] == "o-of*****ate7"
        assert "o-of*****ate7" in proof_words(step["proof"])
        assert proof_words(step["proof"]) != proof_words({**step["proof"], "kind": "sms"})

    def test_the_sheet_says_where_it_went_and_offers_the_other_way(
        self, invited: tuple[Actor, int], bound: Callable[..., None], app: Flask
    ) -> None:
        _actor, case_id = invited
        bound(8)
        browser = logged_in(app, "graduate7")
        form = {"csrf_token": token(browser.get("/graduate/").text)}
        place = f"/graduate/code?workflow=online_signing&event=accept&id={case_id}"
        first = browser.post(place, data=form, headers={"X-Sheet": "1"}).text
        assert "您绑定的微信" not in first
        assert "channel=wechat" in first
        second = browser.post(f"{place}&channel=wechat", data=form, headers={"X-Sheet": "1"}).text
        assert "您绑定的微信" in second
        assert "channel=sms" in second
        assert "您绑定的微信" in browser.get(place.replace("/code?", "/code/state?")).text

    def test_no_other_takes_one(self, invited: tuple[Actor, int], bound: Callable[..., None]) -> None:
        def refused(channel: str = "wechat") -> None:
            with pytest.raises(Conflict) as refusal:
                self.asked(invited, channel)
            assert refusal.value.code == "not_bound"
            assert self.asked(invited, None).channel == "sms"

        bound(9, who="graduate8")  # another's
        refused()
        bound(6.9)
        refused()
        refused("email")
        bound(0, openid="o-new")  # a new one in its place begins its seven days
        refused()
        session.execute(update(ChannelAddress).values(bound_at=clock.now() - timedelta(days=9)))
        assert self.asked(invited).channel == "wechat"
        bound(9, openid="o-new", who="employer1")  # what two have bound names neither
        refused()
        bound(9, openid="o-else", who="employer1")
        session.execute(update(ChannelAddress).values(address_index=None))  # for messages alone, from before
        refused()

    def test_where_no_phone_takes_one_it_goes_there_by_itself(
        self, invited: tuple[Actor, int], bound: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        actor, case_id = invited
        bound(8)
        assert self.asked(invited, None).channel == "sms"
        monkeypatch.delitem(channels.channels_in_use(), "sms")
        assert self.asked(invited, None).channel == "wechat"
        account = account_of_user(actor.user_id or 0)
        account.mobile = None
        row = self.asked(invited, None)
        act = act_named("online_signing", "accept", case_id, actor=actor).act
        assert "unconfirmed_until" not in prove([act], str(row.sealed))
        take_number(account, "13800138000")  # a number of today stays the reason to wait, by whatever way
        assert "unconfirmed_until" in prove([act], str(self.asked(invited, None).sealed))


def test_what_an_unsettled_number_hands_in_waits_and_is_told(undone: None, stage: Stage) -> None:
    """A school that imports its own number and activates the account cannot also approve what it hands in."""
    graduate = stage.graduate
    account = account_of_user(graduate.user_id or 0)
    account.mobile_since = clock.now() - timedelta(days=1)
    case = stage.bring("invited")
    engine.fire("online_signing", case.id, "accept", actor=graduate)
    assert case.unconfirmed_since is not None
    assert "approve" not in engine.available(case, stage.department)
    with pytest.raises(Conflict) as refusal:
        engine.fire("online_signing", case.id, "approve", actor=stage.department)
    assert refusal.value.code == "graduate_unconfirmed"
    take_number(account, str(account.mobile), vouched=True)
    engine.fire("online_signing", case.id, "approve", actor=stage.department)


def test_the_roster_is_no_way_into_an_account(fresh_database: str, app_context: Flask) -> None:
    """Whoever writes the roster's number or address gets no code of the person: not for a password, not for an act."""
    from app.entrances.services.recovery import bound_address
    from app.roster.models import Graduate

    actor = user("graduate13")
    account = account_of_user(actor.user_id or 0)
    before = account.mobile
    with transaction():
        row = session.get_one(Graduate, actor.graduate_id)
        row.mobile, row.email = "13911112222", "a@school.edu.cn"
    assert bound_address(account) == before != "13911112222"
    sent = send_code(act_named("destination", "submit", None, actor=actor).act, actor=actor)
    assert sent.address == before
    account.mobile = None
    assert bound_address(account) is None
    with pytest.raises(Conflict) as refusal:
        send_code(Act(actor.user_id or 0, "destination", "submit"), actor=actor)
    assert refusal.value.code == "no_phone"
    session.rollback()
