"""Graduates and the public switch the language at the foot of their pages; then no words of the catalogue are left over."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from app.base.official import words
from app.web.language import CHOSEN
from app.web.links import record_url
from config import ROOT
from tests.destination.stage import Stage as Destination
from tests.notices.browser import logged_in
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
_PARTS = re.compile(r"%(?:\(\w+\))?[sd%]|[^\u3400-\u9fff]+")
_SHORTEST = 4  # signs: shorter ones stand in names and addresses too


@cache
def _chinese() -> frozenset[str]:
    """What the catalogue says in Chinese, without the places that data fill."""
    with (ROOT / "translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        messages = read_po(file)
    texts = (one for message in messages if message.id for one in _all(message.string))
    return frozenset(part for text in texts for part in _PARTS.split(text) if len(part) >= _SHORTEST)


@cache
def _official() -> str:
    """What is data and stays Chinese where it has no meaning in English: names, the text of the agreement."""
    places = ("app/codes/data", "app/destination/data", "app/documents/templates", "app/documents/data")
    found = (
        path
        for place in places
        for path in (ROOT / place).rglob("*")
        if path.suffix in (".csv", ".toml", ".html", ".txt")
    )
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(found))


@cache
def _meant() -> frozenset[str]:
    """Official words with a meaning in English; names of places are named as they are where they stand in a row."""
    places = (ROOT / "app/codes/data/region.csv").read_text(encoding="utf-8")
    return frozenset(text for text in words("en") if f",{text}," not in places)


def _all(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def _left_over(page: str) -> list[str]:
    """Chinese in the page that is the catalogue's, not the data's."""
    paper = r'<article[^>]* lang="zh-CN">.*?</article>'
    shown = html.unescape(re.sub(rf"{paper}|<script.*?</script>|<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    found = re.findall(r"[\u3400-\u9fff]+", shown)
    return sorted(text for text in found if text in _meant() or (text in _chinese() and text not in _official()))


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


def test_the_browser_is_asked_only_where_that_is_wished(bilingual: Flask, change_settings: Any) -> None:
    asks = {"Accept-Language": "en-US,en;q=0.9"}
    assert '<html lang="en"' in bilingual.test_client().get("/verify", headers=asks).text
    change_settings(language_by_browser=False)
    page = bilingual.test_client().get("/verify", headers=asks).text
    assert '<html lang="zh-CN"' in page
    assert 'hreflang="en"' in page


def test_with_one_language_there_is_no_switch(app_context: Flask) -> None:
    assert "hreflang" not in app_context.test_client().get("/login/graduate").text


def test_log_in_home_invitation_and_destination_are_wholly_english(bilingual: Flask) -> None:
    stranger = _english(bilingual.test_client())
    pages = {place: stranger.get(place).text for place in ("/", "/login/graduate", "/phone-login", "/verify")}
    graduate = user("graduate7")
    case = invite(user("employer1"), graduate)
    invite(user("employer2"), graduate)
    draft = Destination("graduate1", "dept10001a", "school10001").bring("draft")
    me = _english(logged_in(bilingual, "graduate7"))
    for place in ("", "signing", "signing/compare", f"signing/{case.id}", "me", "account", "messages", "record"):
        pages[place] = me.get(f"/graduate/{place}").text
    other = _english(logged_in(bilingual, "graduate1"))
    with bilingual.test_request_context():
        own = record_url("destination", draft.id, "graduate")
    for place in ("/graduate/", "/graduate/destination", own):
        pages[f"1{place}"] = other.get(place, follow_redirects=True).text
    for place in ("destinations/types/801", "archive/new", "hukou/new", "paper/offline_signing/new"):
        pages[place] = other.get(f"/graduate/{place}").text
    assert "binding" in me.get(f"/graduate/signing/{case.id}").text  # what the Chinese agreement says
    fire(case, "accept", graduate)
    pages["reviewed"] = me.get(f"/graduate/signing/{case.id}").text
    assert all('<html lang="en"' in page for page in pages.values())
    assert not {place: found for place, page in pages.items() if (found := _left_over(page))}
