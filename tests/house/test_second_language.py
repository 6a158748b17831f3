"""A second language is a catalogue: the pages of another language hold no Chinese but data."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from config import SettingsError, settings_from

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# Papers and names, which say so themselves.
WRITTEN_IN_CHINESE = re.compile(
    r"<article class=\"stack\" lang=\"zh\">.*?</article>|<span lang=\"zh\">[^<]*</span>", re.DOTALL
)


def _addresses(app: Flask) -> list[str]:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return sorted({rule.rule for rule in rules if not rule.rule.startswith(("/api/", "/static", "/health"))})


def test_pages_for_strangers_are_wholly_in_the_language_asked_for(bilingual: Flask) -> None:
    shown = {}
    for address in _addresses(bilingual):
        answer = bilingual.test_client().get(address, headers={"Accept-Language": "en-GB,en;q=0.8"})
        if answer.status_code == 200 and answer.mimetype == "text/html":
            shown[address] = answer.text
    assert {"/", "/activate", "/register", "/verify"} <= set(shown)
    assert not {
        address: found
        for address, page in shown.items()
        if (found := CHINESE.findall(WRITTEN_IN_CHINESE.sub("", page)))
    }
    assert all('<html lang="en"' in page for address, page in shown.items() if not address.startswith("/standin"))


def test_an_answer_of_the_api_is_in_the_language_asked_for(bilingual: Flask) -> None:
    def refusal(language: str) -> str:
        answer = bilingual.test_client().get("/api/v1/favorites/", headers={"Accept-Language": language})
        assert answer.status_code == 401
        return str(answer.get_json()["message"])

    assert not CHINESE.search(refusal("en"))
    assert CHINESE.search(refusal("zh-CN"))
    assert refusal("fr") == refusal("zh-CN"), "who asks for neither gets the platform's own"


def test_with_one_language_nothing_is_asked(app: Flask) -> None:
    answer = app.test_client().get("/", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN"' in answer.text
    assert "locale" not in answer.headers.get("Set-Cookie", "")


def test_a_language_without_a_catalogue_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="LANGUAGES"):
        settings_from({"APP_ENV": "test", "DATABASE_URL": "postgresql://x/y", "LANGUAGES": "zh tlh"})
