"""An account in the browser and at the API, and the command line, for programs that are used through every door."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from flask.testing import FlaskClient

from trial.demo.country import PASSWORD


class Door:
    """One account in the browser and at the API."""

    def __init__(self, app: Flask, account: str, door: str) -> None:
        self.browser: FlaskClient = app.test_client()
        form = {"username": account, "password": PASSWORD}
        answer = self.browser.post(f"/login/{door}", data={**form, "csrf_token": self.token(f"/login/{door}")})
        assert answer.status_code == 302, (account, answer.status_code)
        self.api: FlaskClient = app.test_client()
        token = self.api.post("/api/v1/security/login", json={**form, "provider": "db"}).get_json()["access_token"]
        self.head = {"Authorization": f"Bearer {token}"}

    def token(self, path: str) -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.browser.get(path).get_data(as_text=True))
        assert found, path
        return found.group(1)

    def page(self, path: str, *words: str) -> str:
        """The page is there and says these words."""
        answer = self.browser.get(path, follow_redirects=True)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200, (path, answer.status_code)
        for word in words:
            assert word in text, (path, word)
        return text

    def press(self, path: str, page: str, status: int = 302, browser: str = "", **data: str) -> str:
        """Send a form that stands on a page; `browser` is what the browser calls itself."""
        form = {**data, "csrf_token": self.token(page)}
        answer = self.browser.post(path, data=form, headers={"User-Agent": browser} if browser else None)
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:500])
        return answer.headers.get("Location", "")

    def call(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        """Call the API."""
        answer = self.api.open(f"/api/v1/{path}", method=method, headers=self.head, json=body or None)
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:500])
        return answer.get_json() if answer.is_json else answer.get_data()


def script(app: Flask) -> ScriptInfo:
    """What commands of `flask` ask for the application."""
    return ScriptInfo(create_app=lambda: app)
