"""Roles in a unit: owners invite, hand over and remove; who is out can do nothing at once; a unit keeps an owner (B13)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.access.accounts import create_account, hash_password
from app.access.actors import EMPLOYER, SYSTEM, Actor, load_actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.access.unit_roles import HR, OWNER, PEOPLE, VIEWER
from app.base import clock
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.employers.colleagues.services import invitations, people
from app.employers.models import ColleagueInvitation, EmployerUser
from app.machines.keys import services as keys
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine
from app.workflow.models import OutboxMessage
from tests.employers.stage_verification import attach, bring, fire
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.signing.stage import Stage, invite, letter, user

SENT = {"address": "13900030001", "role": HR}


def newcomer(name: str = "newcomer") -> Actor:
    """A user of no unit."""
    account = create_account(
        username=name, name="庄若水", kind=EMPLOYER, password_hash=hash_password(PASSWORD), actor=SYSTEM
    )
    session.commit()
    return load_actor(account.user_id)


def joined(role: str, name: str = "newcomer") -> Actor:
    """A colleague of employer1 who has come by invitation."""
    actor = newcomer(name)
    _invitation, code = invitations.invite_colleague({**SENT, "role": role}, actor=user("employer1"))
    invitations.join_unit(code, actor=actor)
    return load_actor(actor.user_id or 0)


def account(actor: Actor) -> Account:
    """The account as it is now."""
    query = select(Account).where(Account.user_id == actor.user_id).execution_options(populate_existing=True)
    return session.scalars(query).one()


def refused(act: Callable[[], Any]) -> str:
    """The code of the refusal."""
    with pytest.raises(AppError) as error:
        act()
    session.rollback()
    return error.value.code


def test_the_first_is_owner_and_the_next_are_hr(fresh_database: str, app_context: Flask) -> None:
    assert [user(name).unit_role for name in ("employer1", "employer1b", "employer2")] == [OWNER, HR, OWNER]
    assert user("employer1").may("can_manage", PEOPLE)
    assert not user("employer1b").may("can_manage", PEOPLE)


def test_a_colleague_comes_by_the_code_that_was_sent(fresh_database: str, app_context: Flask) -> None:
    unit, owner, coming = user("employer1").employer_id, user("employer1"), newcomer()
    invitation, code = invitations.invite_colleague(SENT, actor=owner)
    message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()
    assert message.payload["secrets"] == {"url": invitations.join_address(code), "code": code}
    assert code not in str(session.execute(text("SELECT * FROM colleague_invitations")).all())
    typed = code.lower().replace("-", " ")
    assert invitations.invitation_behind(typed, ip=None).id == invitation.id
    invitations.join_unit(typed, actor=coming)
    come = load_actor(coming.user_id or 0)
    assert (come.employer_id, come.unit_role, come.name) == (unit, HR, "庄若水")
    case = invite(come, user("graduate1"))
    assert case.employer_id == unit
    history = session.execute(
        text("SELECT actor FROM history WHERE workflow = 'online_signing' ORDER BY id DESC LIMIT 1")
    )
    assert history.scalar_one() == "庄若水"
    told = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == "personal")).all()
    assert [(one["template"], one["user_id"]) for one in told] == [("colleague_joined", owner.user_id)]
    assert refused(lambda: invitations.join_unit(code, actor=newcomer("second"))) == "invitation_over"
    lines = session.scalars(select(AuditLine.action).where(AuditLine.action.like("colleague_%"))).all()
    assert {*lines} == {"colleague_invited", "colleague_joined"}


def test_an_invitation_ends_by_itself_or_is_withdrawn(fresh_database: str, app_context: Flask) -> None:
    invitation, code = invitations.invite_colleague(SENT, actor=user("employer1"))
    with time_machine.travel(clock.now() + invitations.VALID - timedelta(minutes=1)):
        assert invitations.invitation_behind(code, ip=None)
    with time_machine.travel(clock.now() + invitations.VALID + timedelta(seconds=1)):
        assert refused(lambda: invitations.invitation_behind(code, ip=None)) == "invitation_over"
        assert not invitations.open_invitations(invitation.employer_id)
    assert refused(lambda: invitations.withdraw_invitation(invitation.id, actor=user("employer2"))) == "not_found"
    invitations.withdraw_invitation(invitation.id, actor=user("employer1"))
    assert refused(lambda: invitations.join_unit(code, actor=newcomer())) == "invitation_over"


@pytest.mark.parametrize("sent", [{}, {"address": "x", "role": HR}, {"address": "13900030001", "role": "boss"}])
def test_what_cannot_be_sent_is_told_at_its_field(app_context: Flask, database: str, sent: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        invitations.invite_colleague(sent, actor=user("employer1"))


def test_who_works_for_a_unit_does_not_join_another(fresh_database: str, app_context: Flask) -> None:
    _invitation, code = invitations.invite_colleague(SENT, actor=user("employer1"))
    assert refused(lambda: invitations.join_unit(code, actor=user("employer2"))) == "has_unit"
    assert refused(lambda: invitations.join_unit(code, actor=user("school10001"))) == "forbidden"


@pytest.mark.parametrize("role", [HR, VIEWER])
def test_only_owners_manage_people(fresh_database: str, app_context: Flask, role: str) -> None:
    actor, other = joined(role), account(user("employer1b"))
    invitation, _code = invitations.invite_colleague({**SENT, "address": "hr@unit.example"}, actor=user("employer1"))
    for act in (
        lambda: invitations.invite_colleague(SENT, actor=actor),
        lambda: invitations.withdraw_invitation(invitation.id, actor=actor),
        lambda: people.change_role(other.id, VIEWER, actor=actor),
        lambda: people.change_role(account(actor).id, OWNER, actor=actor),
        lambda: people.hand_over(other.id, actor=actor),
        lambda: people.remove_colleague(other.id, actor=actor),
    ):
        assert refused(act) == "forbidden"


def test_nobody_reaches_into_another_unit(fresh_database: str, app_context: Flask) -> None:
    there, owner = account(user("employer2")), user("employer1")
    for act in (
        lambda: people.change_role(there.id, VIEWER, actor=owner),
        lambda: people.hand_over(there.id, actor=owner),
        lambda: people.remove_colleague(there.id, actor=owner),
    ):
        assert refused(act) == "not_found"
    assert account(user("employer2")).unit_role == OWNER


def test_a_unit_keeps_an_owner(fresh_database: str, app_context: Flask) -> None:
    owner, other = user("employer1"), account(user("employer1b"))
    own = account(owner)
    assert refused(lambda: people.change_role(own.id, HR, actor=owner)) == "last_owner"
    assert refused(lambda: people.leave_unit(actor=owner)) == "last_owner"
    other.user.active = False
    session.commit()
    other_id = other.id
    assert refused(lambda: people.hand_over(other_id, actor=owner)) == "last_owner"
    session.get_one(Account, other_id).user.active = True
    session.commit()
    people.hand_over(other_id, actor=owner)
    assert [account(user(name)).unit_role for name in ("employer1", "employer1b")] == [HR, OWNER]
    people.leave_unit(actor=user("employer1"))
    assert (user("employer1").employer_id, user("employer1").unit_role) == (None, None)


def test_two_owners_who_demote_each_other_leave_one(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        people.change_role(account(user("employer1b")).id, OWNER, actor=user("employer1"))
        pairs = [
            (user("employer1"), account(user("employer1b")).id),
            (user("employer1b"), account(user("employer1")).id),
        ]

    def demote(pair: tuple[Actor, int]) -> str:
        with app.app_context():
            try:
                people.change_role(pair[1], VIEWER, actor=pair[0])
            except (Conflict, Forbidden) as error:
                return error.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, pairs)) == ["done", "forbidden"]
    with app.app_context():
        assert sorted(str(account(user(name)).unit_role) for name in ("employer1", "employer1b")) == [OWNER, VIEWER]


def test_who_is_removed_is_out_at_once(fresh_database: str, app: Flask, api: Callable[..., Any]) -> None:
    """Browser, token and key: none of them does anything any more, and the colleague's work keeps the name."""
    with app.app_context():
        actor = joined(HR)
        case = invite(actor, user("graduate1"))
        scopes = {"online_signing:read", "online_signing:write"}
        _row, key = keys.make_key({"name": "k", "scopes": sorted(scopes)}, offered=scopes, actor=actor)
        case_id, account_id = case.id, account(actor).id
    program, browser, own = app.test_client(), app.test_client(), api("newcomer")
    form = {"username": "newcomer", "password": PASSWORD, "csrf_token": token(browser.get("/login/employer").text)}
    assert browser.post("/login/employer", data=form).status_code == 302
    by_key = {"Authorization": f"Bearer {key}"}
    assert browser.get("/employer/").status_code == 200
    assert program.get("/api/v1/online_signing/", headers=by_key).get_json()["count"] > 0
    answer = api("employer1").delete(f"/colleagues/{account_id}")
    assert answer.status_code == 200
    assert browser.get("/employer/").headers["Location"].startswith("/login/employer")
    assert own.get("/online_signing/").status_code == 401
    assert program.get("/api/v1/online_signing/", headers=by_key).status_code == 401
    with app.app_context():
        gone = load_actor(actor.user_id or 0)
        assert refused(lambda: engine.fire("online_signing", case_id, "withdraw", actor=gone)) == "not_found"
        assert refused(lambda: invite_graduates([1], letter(), actor=gone)) == "unverified"
        assert session.get_one(EmployerUser, actor.user_id).employer_id is None


def test_a_viewer_sees_all_and_does_nothing(fresh_database: str, app: Flask, api: Callable[..., Any]) -> None:
    with app.app_context():
        signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
        joined(VIEWER)
        number, case_id = signed.number, signed.id
    viewer = api("newcomer")
    assert viewer.get(f"/online_signing/{case_id}").get_json()["result"]["number"] == number
    assert viewer.get(f"/online_signing/{case_id}").get_json()["result"]["events"] == []
    answer = viewer.post("/online_termination/", {"signing_id": case_id, "reason": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "viewer")
    assert viewer.put("/employers/1", {"size": "1"}).status_code == 403
    assert viewer.get("/colleagues/").get_json()["count"] == 3


def test_a_key_is_no_way_to_let_people_in(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        scopes = {"colleagues:read", "colleagues:write", "online_signing:read"}
        _row, key = keys.make_key({"name": "k", "scopes": sorted(scopes)}, offered=scopes, actor=user("employer1"))
    by_key = {"Authorization": f"Bearer {key}"}
    for method, path in (("GET", "/"), ("POST", "/invitations"), ("DELETE", "/1"), ("PUT", "/1")):
        answer = app.test_client().open(f"/api/v1/colleagues{path}", method=method, headers=by_key, json={})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "closed_to_keys")


def test_a_key_follows_the_role_of_its_person(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        actor = joined(HR)
        scopes = {"favorites:read", "favorites:write"}
        _row, key = keys.make_key({"name": "k", "scopes": sorted(scopes)}, offered=scopes, actor=actor)
        people.change_role(account(actor).id, VIEWER, actor=user("employer1"))
    by_key, client = {"Authorization": f"Bearer {key}"}, app.test_client()
    assert client.get("/api/v1/favorites/", headers=by_key).status_code == 200
    assert client.post("/api/v1/favorites/", headers=by_key, json={}).status_code == 403


def test_who_joins_through_the_operators_is_hr_or_the_first_owner(fresh_database: str, app_context: Flask) -> None:
    verified = bring("verified")
    assert account(user("employer3")).unit_role == OWNER
    assert verified.employer_id == user("employer3").employer_id


def test_a_pending_verification_does_not_pull_a_colleague_out(fresh_database: str, app_context: Flask) -> None:
    """Who was invited into a unit meanwhile is not moved by an approval of what they had handed in before."""
    case = bring("in_review")
    _invitation, code = invitations.invite_colleague(SENT, actor=user("employer1"))
    invitations.join_unit(code, actor=user("employer3"))
    attach(case, "other")
    assert refused(lambda: fire(case, "approve", user("operator"))) == "in_another_unit"
    assert user("employer3").employer_id == user("employer1").employer_id


def test_invitations_are_of_the_own_unit(fresh_database: str, app: Flask, api: Callable[..., Any]) -> None:
    made = api("employer1").post("/colleagues/invitations", SENT)
    assert made.status_code == 201
    told = made.get_json()["result"]
    assert told["address"] == "139****0001"
    assert len(told["code"]) == 14
    assert api("employer1").get("/colleagues/invitations").get_json()["count"] == 1
    assert api("employer2").get("/colleagues/invitations").get_json()["count"] == 0
    assert api("employer2").delete(f"/colleagues/invitations/{told['id']}").status_code == 404
    assert api("employer1").delete(f"/colleagues/invitations/{told['id']}").status_code == 200
    with app.app_context():
        assert session.scalars(select(ColleagueInvitation)).one().ended_at is not None


def test_removed_of_no_unit_is_not_found(fresh_database: str, app_context: Flask) -> None:
    owner = user("employer1")
    with pytest.raises(NotFound):
        people.remove_colleague(account(owner).id, actor=owner)
