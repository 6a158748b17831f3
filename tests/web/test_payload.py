"""What a client sends is read strictly: odd things are refused before anything else happens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, g

from app.base.errors import AppError, Invalid, Malformed, UnsupportedMedia
from app.web import payload

flask = Flask(__name__)


def _read(data: bytes, kind: str = "application/json") -> Any:
    with flask.test_request_context("/api/v1/x", method="POST", data=data, content_type=kind):
        return payload.body()


def _ask(q: str) -> Any:
    with flask.test_request_context("/api/v1/x", query_string={"q": q}):
        return payload.query()


def test_empty_body_is_an_empty_object() -> None:
    assert _read(b"") == {}
    assert _read(b"  \n", "text/plain") == {}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'"x"',
        b"1",
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"\\u0000": 1}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_body_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        _read(data)


def test_other_content_is_refused() -> None:
    for kind in ("text/plain", "application/xml", "application/x-yaml"):
        with pytest.raises(UnsupportedMedia):
            _read(b"{}", kind)


@pytest.mark.parametrize("q", ["(((", "!", "'", "(a:", "1", "!(1)", '"x"', "{", "(a:'\x00')", "(page:1.5e999)"])
def test_malformed_query_is_refused(q: str) -> None:
    with pytest.raises(Malformed):
        _ask(q)


@pytest.mark.parametrize("q", ["", "()", "(page:1)", '{"page": 1}', "(filters:!((col:state,opr:eq,value:signed)))"])
def test_query_is_read(q: str) -> None:
    assert isinstance(_ask(q), dict)


def test_pages_are_clamped() -> None:
    with flask.app_context():
        flask.config["FAB_API_MAX_PAGE_SIZE"] = 100
        assert payload.paging({}) == (0, 20)
        assert payload.paging({"page": -3, "page_size": 0}) == (0, 20)
        assert payload.paging({"page": 2, "page_size": 10**30}) == (2, 100)
        assert payload.paging({"page": 10**30, "page_size": -1}) == (10**9, 100)
        for wrong in ({"page": "x"}, {"page": True}, {"page_size": 1.5}, {"page_size": None}):
            with pytest.raises(Malformed):
                payload.paging(wrong)


@pytest.mark.parametrize(
    "filters",
    ["x", [1], [{}], [{"col": "a", "opr": "eq"}], [{"col": 1, "opr": "eq", "value": 1}], [{"col": "a"}] * 40],
)
def test_odd_filters_are_refused(filters: Any) -> None:
    with pytest.raises(Malformed):
        payload.conditions({"filters": filters})


@pytest.mark.parametrize("sent", [None, [], "1", [0], [-1], ["1"], [True], [2**63], list(range(1, 600)), {"a": 1}])
def test_odd_ids_are_refused(sent: Any) -> None:
    with pytest.raises(Invalid):
        payload.ids(sent)


def test_ids_are_taken_once_each() -> None:
    assert payload.ids([3, 1, 3]) == [3, 1]


def test_body_is_read_once_and_kept_apart_between_requests() -> None:
    with flask.test_request_context(
        "/api/v1/x", method="POST", data=json.dumps({"a": 1}), content_type="application/json"
    ):
        assert payload.body() is payload.body()
        assert g.body == {"a": 1}
    assert _read(b"{}") == {}


def test_refusals_have_a_message_and_a_code() -> None:
    with pytest.raises(AppError) as refused:
        _read(b"{")
    assert refused.value.status == 400
    assert refused.value.code == "malformed"
