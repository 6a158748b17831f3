"""Graduates and the public switch the language at the foot of their pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.settings import settings, use_settings
from app.web.language import CHOSEN

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def bilingual(app_context: Flask) -> Iterator[Flask]:
    """The application with English offered beside Chinese."""
    before = settings()
    use_settings(replace(before, languages=("zh", "en")))
    yield app_context
    use_settings(before)


def _english(client: FlaskClient) -> FlaskClient:
    answer = client.get("/language/en?next=/verify")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/verify")
    return client


def test_the_switch_is_there_and_keeps_the_choice(bilingual: Flask) -> None:
    client = bilingual.test_client()
    page = client.get("/login/graduate?next=/graduate/signing").text
    assert 'hreflang="en"' in page
    assert "/language/en?next=/login/graduate" in page
    _english(client)
    page = client.get("/login/graduate").text
    assert '<html lang="en"' in page
    assert 'hreflang="zh-CN"' in page
    client.get("/language/zh")
    assert '<html lang="zh-CN"' in client.get("/login/graduate").text


def test_it_leads_to_no_stranger_and_knows_no_other_language(bilingual: Flask) -> None:
    client = bilingual.test_client()
    assert client.get("/language/en?next=//evil.example/").headers["Location"] == "/"
    answer = client.get("/language/tlh")
    assert (answer.status_code, CHOSEN in answer.headers.get("Set-Cookie", "")) == (404, False)


def test_with_one_language_there_is_no_switch(app_context: Flask) -> None:
    assert "hreflang" not in app_context.test_client().get("/login/graduate").text
