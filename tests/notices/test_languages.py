"""Who reads the platform in another language is told in it too: on the site, by mail, and with the code (R7.14, R10.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select

from app.access.accounts import account_of_user, keep_language
from app.base.database import session, transaction
from app.base.errors import Invalid
from app.base.settings import settings, use_settings
from app.notices.catalogue import shipped, words_of
from app.notices.models import NoticeTemplate, Notification
from app.notices.services import edit_template
from app.passcodes.handlers import _message as code_message
from app.passcodes.models import VerificationCode
from app.workflow.models import OutboxMessage
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.notices.signings import Story, inbox

Drain = Callable[..., int]
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
PLACES = re.compile(r"%\(\w+\)s")


@pytest.fixture
def reader(signing: Story, drain: Drain, bilingual: Flask) -> Iterator[Story]:
    """A signing whose graduate reads English, and Chinese again afterwards."""
    drain()
    user_id = signing.actor_of("graduate7").user_id or 0
    keep_language(user_id, "en")
    yield signing
    signing.end()
    drain()
    keep_language(user_id, "zh")


def own_data(case: Any) -> tuple[str, ...]:
    """What is written in Chinese because it is the name of somebody or something."""
    return (case.employer.name, case.graduate.name, case.graduate.school.name, "数据分析师", "岗位取消")


def told(case: Any, notice: Notification) -> str:
    """The notice without what is data."""
    text = f"{notice.title} {notice.text}"
    for name in own_data(case):
        text = text.replace(name, "…")
    return text


def test_a_graduate_is_told_in_english_and_the_unit_in_chinese(reader: Story, drain: Drain) -> None:
    case = reader.invite("graduate7", title="数据分析师")
    drain()
    notice = inbox(reader.actor_of("graduate7").user_id)[-1]
    assert notice.title == "An invitation to sign"
    assert not CHINESE.search(told(case, notice)), notice.text
    reader.fire("decline", "graduate7", reason="已有其他去向")
    drain()
    assert inbox(reader.actor_of("employer1").user_id)[-1].title == "学生已拒绝签约"


def test_dates_and_words_of_the_program_follow_the_reader(reader: Story, drain: Drain) -> None:
    case = reader.invite("graduate7", title="数据分析师")
    reader.fire("withdraw", "employer1", reason="岗位取消")
    drain()
    found = inbox(reader.actor_of("graduate7").user_id)[-2:]
    assert [one.event for one in found] == ["invite", "withdraw"]
    for notice in found:
        assert not CHINESE.search(told(case, notice)), notice.text
    assert re.search(r"\b20\d\d\b", found[0].text), "the end of its validity stands in it"


def test_a_language_that_is_not_offered_is_not_spoken(reader: Story, drain: Drain) -> None:
    use_settings(replace(settings(), languages=("zh",)))
    reader.invite("graduate7")
    drain()
    assert inbox(reader.actor_of("graduate7").user_id)[-1].title == "收到签约邀请"


def _language(story: Story) -> str | None:
    session.rollback()
    return account_of_user(story.actor_of("graduate7").user_id or 0).language


def test_the_account_keeps_what_its_person_chooses(signing: Story, bilingual: Flask) -> None:
    client: FlaskClient = bilingual.test_client()
    client.get("/language/en")
    assert _language(signing) in (None, "zh"), "nobody is logged in yet"
    form = {
        "username": "graduate7",
        "password": PASSWORD,
        "csrf_token": token(client.get("/login/graduate").text),
    }
    assert client.post("/login/graduate", data=form).status_code == 302
    assert _language(signing) == "en", "the language in which one logs in"
    client.get("/language/zh")
    assert _language(signing) == "zh"
    assert client.get("/language/tlh").status_code == 404
    assert _language(signing) == "zh"


def test_every_notice_to_graduates_has_words_in_english(app_context: Any) -> None:
    for (name, kind), wording in shipped().items():
        if kind != "graduate":
            continue
        english = wording.spoken("en")
        assert english is not wording, name
        texts = (wording.title + wording.body, english.title + english.body)
        assert {*PLACES.findall(texts[0])} == {*PLACES.findall(texts[1])}, name
        assert not CHINESE.search(texts[1]), name
        assert len(english.title) <= 64, name


def test_a_code_comes_in_the_language_of_who_asks(signing: Story, bilingual: Flask, drain: Drain) -> None:
    drain()
    client: FlaskClient = bilingual.test_client()
    client.get("/language/en")
    form = {"csrf_token": token(client.get("/phone-login").text), "username": "graduate7"}
    assert client.post("/phone-login", data=form).status_code == 302
    session.rollback()
    sent = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "code")).all()[-1]
    assert sent.payload["language"] == "en"
    code = session.get_one(VerificationCode, sent.payload["code_id"])
    with force_locale("en"):
        message = code_message(code)
    assert message.title == "Verification code"
    assert not CHINESE.search(message.text), message.text
    assert code_message(code).title == "验证码"


def test_operators_edit_the_words_of_each_language(reader: Story, drain: Drain) -> None:
    mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
    row = session.scalars(select(NoticeTemplate).where(*mine)).one()
    values = {"title": row.title, "body": row.body, "channels": row.channels, "outside": row.outside}
    shown = words_of(row)
    assert shown["en"]["title"] == "An invitation to sign"
    operator = reader.actor_of("operator")
    for wrong in (
        {"title": "Only a title", "body": ""},
        {"title": "A", "body": "%(nothing)s"},
        {"title": "x" * 65, "body": "y"},
    ):
        with pytest.raises(Invalid) as refused:
            edit_template(row.id, {**values, "words": {"en": wrong}}, actor=operator)
        assert all(field.endswith("_en") for field in refused.value.errors)
    edit_template(row.id, {**values, "words": {"en": {"title": "Sign with us", "body": "%(unit)s!"}}}, actor=operator)
    case = reader.invite("graduate7")
    drain()
    notice = inbox(reader.actor_of("graduate7").user_id)[-1]
    assert (notice.title, notice.text) == ("Sign with us", f"{case.employer.name}!")
    with transaction():
        session.get_one(NoticeTemplate, row.id).words = {}
