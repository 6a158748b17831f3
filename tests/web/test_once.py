"""What is drawn once for all shows nobody what is another's: pieces know what they are told, and nothing else."""

from __future__ import annotations

import contextvars
import re
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from difflib import unified_diff
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, request, session
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from app.base import clock
from app.web import once
from app.web.current import actor_or_none
from app.web.drawing import written
from app.web.language import CHOSEN
from app.web.once import made_once
from tests.benchmarks.recording import recording
from tests.notices.browser import logged_in

SHARP = """<b>'"&"""
PEOPLE = ("school10001", "school10002", "dept10001a", "province11", "operator", "employer1", "employer2")
GRADUATES = ("graduate1", "graduate2")
# What is no page, ends the visit, changes the account or tells each call something else.
NO_PAGES = ("/static/", "/api/", "/language/", "/logout", "/swagger", "/login", "/health", "/staff/audit")
FEWEST = 60
_ONE_TIME = re.compile(r'(name="csrf_token" value="|X-CSRFToken": "|nonce=")[\w.-]+')


def _told(*told: Any, **put: Any) -> Markup:
    said = "".join(str(written(one)) for one in (*told, *put.values()))
    return Markup(f"100% {said}")


def _of_request() -> Markup:
    return Markup(request.path)


def _of_session() -> Markup:
    return Markup(session.get("sid", ""))


def _of_reader() -> Markup:
    return Markup(actor_or_none())


def _of_count(count: Any) -> Markup:
    return Markup("some" if count else "none")


def _in_words() -> Markup:
    return Markup(gettext("Choose"))


@pytest.fixture
def call(app: Flask) -> Iterator[None]:
    """A request."""
    with app.test_request_context("/staff/?q=1"):
        yield


@pytest.mark.usefixtures("call")
def test_what_is_told_decides_and_what_is_put_is_escaped() -> None:
    assert made_once(_told, SHARP) == f"100% {written(SHARP)}"
    assert made_once(_told, 1) != made_once(_told, True)
    assert made_once(_told, "1") == made_once(_told, 1)
    for name in (SHARP, Markup("<i>%s</i>"), 7, "%(name)s"):
        assert made_once(_told, "a", name=name) == f"100% a{written(name)}"


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize(
    "told", [Markup("<b>"), object(), [Markup("<b>")], {"a": once.Mark("a")}], ids=["markup", "object", "list", "mark"]
)
def test_a_piece_is_told_plain_values_only(told: Any) -> None:
    with pytest.raises(TypeError, match="plain values"):
        made_once(_told, told)


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize("draw", [_of_request, _of_session, _of_reader])
def test_a_piece_reaches_nothing_of_its_reader(draw: Any) -> None:
    with pytest.raises(AttributeError):
        made_once(draw)
    assert request.path == "/staff/", "the call itself goes on"


@pytest.mark.usefixtures("call")
def test_a_piece_asks_nothing_of_what_is_put_into_it() -> None:
    with pytest.raises(TypeError, match="put in later"):
        made_once(_of_count, count=3)


@pytest.mark.usefixtures("call")
def test_a_piece_is_drawn_in_each_language() -> None:
    with force_locale("zh"):
        chinese = made_once(_in_words)
    with force_locale("en"):
        assert made_once(_in_words) == "Choose" != chinese
    with force_locale("zh"):
        assert made_once(_in_words) == chinese


class _Walk:
    """Addresses of pages for each account: one of each kind of page that is reached by links."""

    def __init__(self, app: Flask) -> None:
        self.rules = app.url_map.bind("localhost")

    def pages(self, client: FlaskClient) -> list[str]:
        """Where this reader's links lead, from the start."""
        seen, found, left = set[str](), list[str](), deque(["/"])
        while left:
            address = left.popleft()
            answer = client.get(address)
            if answer.status_code == 302:
                links = [answer.headers["Location"]]
            elif answer.status_code == 200 and answer.mimetype == "text/html":
                found.append(address)
                links = re.findall(r'<a [^>]*href="(/[^"#]*)', answer.text)
            else:
                continue
            for link in links:
                path, kind = urlsplit(link).path, self._kind(link)
                if kind and kind not in seen and not path.startswith(NO_PAGES):
                    seen.add(kind)
                    left.append(link.replace("&amp;", "&"))
        return found

    def _kind(self, link: str) -> str:
        parts = urlsplit(link)
        with suppress(HTTPException):
            endpoint, _values = self.rules.match(parts.path, method="GET")
            return f"{endpoint}?{'_flt_' in parts.query}"
        return ""


def _page(clients: Mapping[str, FlaskClient], name: str, address: str, language: str) -> str:
    clients[name].set_cookie(CHOSEN, language)
    return _ONE_TIME.sub(r"\1", clients[name].get(address).text)


def test_every_page_is_the_same_with_and_without_what_was_drawn_for_others(
    bilingual: Flask, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings: list[tuple[Any, str]] = []
    alone = once._alone

    def noted(*told: Any) -> Markup:
        drawn = alone(*told)
        drawings.append((told, str(drawn)))
        return drawn

    monkeypatch.setattr(once, "_alone", noted)
    clients = {name: logged_in(bilingual, name) for name in (*PEOPLE, *GRADUATES)}
    walk = _Walk(bilingual)
    pages = [(name, address) for name, client in clients.items() for address in walk.pages(client)]
    assert len({address for _name, address in pages}) > FEWEST
    # Everybody's pages among each other, so that each finds the pieces of the others.
    pages.sort(key=lambda page: page[1])
    visits = [(name, address, language) for language in ("zh", "en") for name, address in pages]
    for visit in visits:
        _page(clients, *visit)
    # A minute may end between the two looks: then they are taken once more.
    differs = [told for visit in visits if _difference(clients, visit) and (told := _difference(clients, visit))]
    assert differs == []
    _are_pure(bilingual, alone, drawings)


def _difference(clients: Mapping[str, FlaskClient], visit: tuple[str, str, str]) -> list[str]:
    """Between the page with the pieces that were drawn for others, and with its own alone."""
    shared, kept = _page(clients, *visit), once._drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(once, "_drawn", lru_cache(kept.__wrapped__))
        alone = _page(clients, *visit)
    return list(unified_diff(shared.splitlines(), alone.splitlines(), str(visit), lineterm="", n=0))


def _are_pure(app: Flask, alone: Any, drawings: list[tuple[Any, str]]) -> None:
    """Each piece is drawn again at another time, without a statement, and is the same."""
    assert drawings
    with recording(app) as statements:
        for told, drawn in drawings:
            with clock.moved(timedelta(days=400)):
                again = contextvars.copy_context().run(alone, *told)
            assert str(again) == drawn, told[:3]
    assert [one.text for one in statements] == []
