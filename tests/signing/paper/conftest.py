"""Fixtures of the signings on paper: callers of the API that press, attach and read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.signing.paper.stage import picture

Api = Callable[..., Any]


@pytest.fixture
def press(api: Api) -> Callable[..., dict[str, Any]]:
    """A function: press("graduate1", "offline_signing", 5, "submit") fires an event and returns the CASE."""

    def fire(who: str, workflow: str, case_id: int, event: str, **data: Any) -> dict[str, Any]:
        answer = api(who).post(f"/{workflow}/{case_id}/{event}", data)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json()["result"])

    return fire


@pytest.fixture
def attach(api: Api) -> Callable[..., Any]:
    """A function: attach("graduate1", "supplementary", 5, "paper_agreement") uploads a picture; returns the answer."""

    def send(who: str, workflow: str, case_id: int, kind: str, shade: int = 90, name: str = "scan.jpg") -> Any:
        data = {"kind": kind, "file": (io.BytesIO(picture(shade)), name)}
        path = f"/{workflow}/{case_id}/attachments"
        return api(who).post(path, data=data, content_type="multipart/form-data")

    return send


@pytest.fixture
def create(api: Api) -> Callable[..., dict[str, Any]]:
    """A function: create("graduate1", "offline_signing", body) creates and returns the CASE."""

    def send(who: str, workflow: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = api(who).post(f"/{workflow}/", body)
        assert answer.status_code == 201, answer.text
        found = answer.get_json()
        assert found["id"] == found["result"]["id"]
        return dict(found["result"])

    return send
