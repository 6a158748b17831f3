"""Whoever makes an account of staff never knows its password: a link goes to the person's own contact (R1.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base import clock
from app.base.database import session
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.staff.conftest import Sent

Api = Callable[..., Any]
OWN = "Chosen-Orchid-42"
MOBILE = "13911112222"


def _form(kind: str, username: str, **more: str) -> dict[str, str]:
    school = {"school": "10002", "level": "all"} if kind == "school" else {}
    return {"username": username, "name": "李新", "modules.employment": "rw", **school, **more}


def _made(app: Flask, username: str, **more: str) -> str:
    """The page after province11 has made the account of a school by the form."""
    maker = logged_in(app, "province11")
    csrf = token(maker.get("/staff/accounts/create/school").text)
    answer = maker.post("/staff/accounts/create/school", data={"csrf_token": csrf, **_form("school", username, **more)})
    assert answer.status_code == 200, answer.text
    return answer.text


def _link(page: str) -> str:
    found = re.search(r"(/set-up/[\w-]+)", page)
    assert found, page
    return found[1]


def _set(client: FlaskClient, link: str, password: str) -> Any:
    return client.post(link, data={"csrf_token": token(client.get("/login/school").text), "password": password})


def test_the_maker_sees_no_password_and_the_person_sets_it_once(app: Flask, api: Api) -> None:
    page = _made(app, "linked1", contact=MOBILE)
    assert '<code class="password">' not in page
    assert "139****2222" in page
    person, link = app.test_client(), _link(page)
    assert "linked1" in person.get(link).text
    assert _set(person, link, "short").status_code == 422
    assert _set(person, link, OWN).headers["Location"] == "/login/school"
    own = api("linked1", OWN)
    assert own.get("/me").get_json()["username"] == "linked1"
    assert own.get("/accounts/").status_code == 200  # nobody else has set it: no change is asked for
    assert _set(person, link, "Another-Orchid-43").status_code == 409
    assert "linked1" not in person.get(link).text


def test_the_message_goes_to_the_person_and_the_trail_tells_of_it(app_context: Flask) -> None:
    from sqlalchemy import text

    from app.access.audit import AuditLine
    from app.workflow.models import OutboxMessage

    link = _link(_made(app_context, "linked2", contact="139 1111 6666"))
    query = select(OutboxMessage).where(OutboxMessage.key.like("account_setup:%")).order_by(OutboxMessage.id.desc())
    message = session.scalars(query).first()
    assert message is not None
    assert message.payload["address"] == "13911116666"
    kept = session.scalars(text("SELECT payload FROM outbox WHERE id = :id"), {"id": message.id}).one()
    for said in ("13911116666", link.rpartition("/")[2]):  # who reads the table learns no link
        assert said.encode() not in bytes(kept)
    lines = session.scalars(select(AuditLine).where(AuditLine.subject == "linked2").order_by(AuditLine.id)).all()
    assert [line.action for line in lines] == ["account_created", "setup_link"]


def test_what_cannot_be_sent_is_told_at_its_field(app: Flask) -> None:
    maker = logged_in(app, "province11")
    csrf = token(maker.get("/staff/accounts/create/school").text)
    form = {"csrf_token": csrf, **_form("school", "unlinked", contact="li@example.com")}
    answer = maker.post("/staff/accounts/create/school", data=form)  # this installation has no e-mail
    assert answer.status_code == 409
    assert "f-contact-error" in answer.text


def test_link_ends_with_its_time_with_a_newer_one_and_with_the_account(app: Flask) -> None:
    page = _made(app, "linked3", contact=MOBILE)
    link, person = _link(page), app.test_client()
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=True):
        assert _set(person, link, OWN).status_code == 409
    maker = logged_in(app, "province11")
    shown = re.search(r"/staff/accounts/password/(\d+)", page)
    assert shown
    sent = maker.post(shown[0], data={"csrf_token": token(page_of(maker, shown[1]))})
    assert '<code class="password">' not in sent.text
    assert _link(sent.text) != link
    assert _set(person, link, OWN).status_code == 409
    maker.post(
        f"/staff/accounts/change/{shown[1]}",
        data={"csrf_token": token(page_of(maker, shown[1])), "name": "李新", "modules.employment": "rw"},
    )
    assert _set(person, _link(sent.text), OWN).status_code == 409


def page_of(maker: FlaskClient, number: str) -> str:
    """The page of an account."""
    return maker.get(f"/staff/accounts/show/{number}").text


@pytest.mark.parametrize("link", ["/set-up/x", "/set-up/%00", "/set-up/" + "A" * 3000, "/set-up/AQEBAQ"])
def test_invented_links_open_nothing(app: Flask, link: str) -> None:
    assert app.test_client().get(link).status_code == 409


def test_program_gives_a_contact_instead_of_a_password(api: Api, sent: Sent) -> None:
    body = {**sent("school", school="10002"), "contact": "+86 139 1111 3333"}
    del body["password"]
    made = api("province11").post("/accounts/", body).get_json()["result"]
    assert (made["password"], made["sent_to"]) == (None, "139****3333")
    assert made["setup_url"].rpartition("/set-up/")[2]
    assert made["must_change_password"] is True
    given = api("province11").post("/accounts/", sent("school", school="10002")).get_json()["result"]
    assert not {"sent_to", "setup_url"} & set(given)


@pytest.mark.parametrize("contact", ["12345", "x@", "110"])
def test_contact_that_is_none_is_refused(api: Api, sent: Sent, contact: str) -> None:
    answer = api("province11").post("/accounts/", {**sent("school", school="10002"), "contact": contact})
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {"contact"})


def test_makers_own_contact_is_refused(app: Flask, api: Api, sent: Sent, departments: list[str]) -> None:
    link = _link(_made(app, "linked4", contact="13911114444"))
    _set(app.test_client(), link, OWN)
    body = {**sent("department", department=departments[0]), "contact": "13911114444"}
    own = api("linked4", OWN).post("/accounts/", {**body, "school": "10002"})
    assert own.status_code == 422
    assert "contact" in own.get_json()["errors"]
