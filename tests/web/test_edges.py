"""What a stranger can type ends in an answer: ends of the calendar, huge numbers, odd methods, control characters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import errors
from app.web.pages import own_path
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.guards.walk import Caller, Column, seldom

ROOT = Path(__file__).resolve().parents[2]
ENDS = (
    *("9999-12-31", "0001-01-01", "0000-00-00", "10000-01-01", "9999-12-31T23:59:59.999999", "2026-02-30"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-W53-7", "infinity", "-infinity"),
    *("9" * 19, "9" * 200, "9223372036854775807", "-9223372036854775808", "-1", "1e999", "NaN", "1.5", "", " ", "٣"),
    *("a\x00b", "\r\nX: y", "%", "\\", "'", "\U0001f600" * 60),
)
NUMBERS = (2**31, 2**63 - 1, 2**63, -(2**63), 10**30, -1, 0, 1.5, 1e308, True, None)
TEXTS = ("9999-12-31", "9" * 200, "a\x00b", "%", 2**63, None)  # where a column takes any text
METHODS = ("OPTIONS", "HEAD", "TRACE", "CONNECT", "PATCH", "PUT", "DELETE", "PROPFIND", "QUERY", "get", "X" * 60)


@pytest.fixture(scope="module")
def callers(application: Flask, database: str) -> dict[str, Caller]:
    """One account of each kind that has lists."""
    names = ("operator", "province11", "school10001", "dept10001a", "employer1", "graduate1")
    return {name: Caller(application, Column(name, name)) for name in names}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of refusals are seldom drawn."""
    monkeypatch.setattr(errors, "_page", seldom(errors._page))


def _views(app: Flask) -> list[Any]:
    return list(app.appbuilder.baseviews)  # type: ignore[attr-defined]


def _addresses(app: Flask, view: Any) -> list[str]:
    """Lists and downloads of a view that need no further id."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[0] == view.endpoint]
    ends = ("/", "/list/", "/export")
    return [r.rule for r in rules if not r.arguments and r.rule.endswith(ends) and "GET" in (r.methods or ())]


def _status(caller: Caller, path: str, method: str = "GET") -> int:
    headers = caller.headers if path.startswith("/api/") else {}
    answer = caller.client.open(path, method=method, headers=headers)
    answer.close()
    return answer.status_code


def _reader(callers: dict[str, Caller], path: str) -> Caller | None:
    return next((one for one in callers.values() if _status(one, path) == 200), None)


def _is_text(kind: Any) -> bool:
    model, column = kind.datamodel, kind.column_name
    return column not in model.list_columns or model.is_text(column) or model.is_string(column)


def _values(kind: Any, met: Counter[Any]) -> tuple[Any, ...]:
    """What is searched for: all ends the first times that a kind of column is searched so, then each time some others."""
    values: tuple[Any, ...] = TEXTS if _is_text(kind) else (*ENDS, *NUMBERS)
    known = (type(kind), _is_text(kind), type(getattr(kind.datamodel.list_columns.get(kind.column_name), "type", None)))
    met[known] += 1
    return values if met[known] <= 3 else values[met[known] % 5 :: 5]


def test_no_searched_value_breaks_a_list_of_the_api(app: Flask, callers: dict[str, Caller]) -> None:
    """Every list and download, every column, every way to search it, values from the ends of its type."""
    seen, met = 0, Counter[Any]()
    for view in (one for one in _views(app) if getattr(one, "listing", None) is not None):
        for path in _addresses(app, view):
            caller = _reader(callers, path)
            if caller is None:
                continue
            for column in view.listing.search:
                for kind in view.listing.offered(column):
                    for value in _values(kind, met):
                        rule = {"col": column, "opr": kind.arg_name, "value": value}
                        q = json.dumps({"filters": [rule], "page_size": 1})
                        assert _status(caller, f"{path}?q={quote(q)}") in (200, 400), (path, rule)
                        seen += 1
    assert seen > 1000


def test_no_searched_value_breaks_a_list_of_the_pages(app: Flask, callers: dict[str, Caller], quick: None) -> None:
    """The same by the addresses of the lists that people see."""
    seen = 0
    for view in (one for one in _views(app) if getattr(one, "_filters", None) is not None):
        for path in (one for one in _addresses(app, view) if not one.startswith("/api/")):
            caller = _reader(callers, path)
            if caller is None:
                continue
            for column, kinds in view._filters.get_search_filters().items():
                for position, kind in enumerate(kinds):
                    for value in ("a\x00b",) if _is_text(kind) else (*ENDS[:1], *ENDS[4:7], "9" * 30):
                        address = f"{path}?_flt_{position}_{column}={quote(value)}"
                        assert _status(caller, address) in (200, 400), address
                        seen += 1
    assert seen > 100


def _parameters() -> list[str]:
    """Every parameter that some code reads from an address."""
    found: set[str] = set()
    for file in (ROOT / "app").rglob("*.py"):
        found.update(re.findall(r"request\.args(?:\.get\(|\.getlist\(|\[)\"([\w.]+)\"", file.read_text()))
    return sorted(found)


@pytest.mark.parametrize("name", ["operator", "school10001", "employer1", "graduate1"])
def test_no_parameter_breaks_an_address(app: Flask, callers: dict[str, Caller], name: str, quick: None) -> None:
    """Every address that opens without an id, with each parameter that is read anywhere at its ends."""
    caller, names = callers[name], _parameters()
    assert {"page", "cohort", "next", "key"} <= set(names)
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or _status(caller, rule.rule) != 200:
            continue
        for value in ("9999-12-31", "9" * 30, "-1", "NaN", "\r\nX: y", "a\x00b", "//x", "http://["):
            address = f"{rule.rule}?" + "&".join(f"{one}={quote(value)}" for one in names)
            assert _status(caller, address) < 500, address


def test_every_method_is_answered_everywhere(app: Flask, callers: dict[str, Caller], quick: None) -> None:
    """Every address with methods that it knows and does not know, by somebody logged in or by a stranger, in turns.

    A method is refused before any view is asked: each address is tried with three of them, all with each in turn.
    """
    stranger = FlaskClient(app)
    for number, rule in enumerate(app.url_map.iter_rules()):
        path = re.sub(r"<(?:\w+:)?version>", "v1", rule.rule)
        path = re.sub(r"<[^>]+>", "987654321012", path)
        methods = METHODS[number % 4 :: 4] if rule.rule != "/health" else ()  # whose 503 is its answer
        for turn, method in enumerate(methods, number // 4):
            if method in ("PATCH", "PUT", "DELETE") and method in (rule.methods or ()):
                continue  # what is there to change has tests of its own
            known = turn % 2 == 0
            answer = (
                _status(callers["operator"], path, method) if known else stranger.open(path, method=method).status_code
            )
            assert answer < 500, (method, path, answer)


def test_a_body_nested_beyond_reading_breaks_no_address(app: Flask, callers: dict[str, Caller]) -> None:
    """Pages take forms: what else is sent to one is not even read."""
    deep, graduate = b'{"a":' * 30_000, callers["graduate1"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.config, "WTF_CSRF_ENABLED", False)
        for path in ("/graduate/account/devices/end", "/graduate/code", "/api/v1/me/confirm", "/api/v1/me/code"):
            headers = graduate.headers if path.startswith("/api/") else {}
            answer = graduate.client.post(path, data=deep, content_type="application/json", headers=headers)
            assert answer.status_code < 500, path


def test_options_says_which_methods_there_are(callers: dict[str, Caller]) -> None:
    me = callers["graduate1"]
    for path in ("/api/v1/online_signing/", "/graduate/"):
        answer = me.client.open(path, method="OPTIONS", headers=me.headers if path.startswith("/api/") else {})
        assert answer.status_code == 200
        assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example/x", "/\\evil.example", "\\\\evil", "https://evil.example", "javascript:alert(1)", "x", ""),
        *("/graduate/\r\nX: y", "/\tx", "/\n/evil.example", "/a\x00", "/a\x7f", "/\x85", "/\u2028x", "/\u202ex", None),
    ],
)
def test_a_target_that_is_no_path_of_this_site_is_none(target: str | None) -> None:
    assert own_path(target) is None


@pytest.mark.parametrize("target", ["/", "/graduate/", "/staff/list/?_flt_0_name=%E5%BC%A0", "/graduate/张三?a=//b"])
def test_a_path_of_this_site_is_kept(target: str) -> None:
    assert own_path(target) == target


def test_log_in_with_a_broken_target_leads_home(client: FlaskClient) -> None:
    form = {"username": "graduate1", "password": PASSWORD, "next": "/graduate/\r\nX: y"}
    form["csrf_token"] = token(client.get("/login/graduate").text)
    answer = client.post("/login/graduate", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/graduate/")


def _referrers() -> Iterator[tuple[str, str]]:
    yield "http://localhost/staff/students/list/?a=1", "/staff/students/list/?a=1"
    for one in ("http://localhost//evil.example/x", "http://evil.example/x", "http://[", "http://localhost/\\e", ""):
        yield one, "/"


@pytest.mark.parametrize(("referrer", "target"), list(_referrers()))
def test_back_leads_to_a_page_of_this_site(callers: dict[str, Caller], referrer: str, target: str) -> None:
    answer = callers["operator"].client.get("/back", headers={"Referer": referrer})
    assert (answer.status_code, answer.headers["Location"]) == (302, target)


def test_the_error_page_offers_no_address_of_strangers(client: FlaskClient) -> None:
    page = client.get("/no/such/page", headers={"Referer": "http://localhost//evil.example/x"}).text
    assert "evil.example" not in page
