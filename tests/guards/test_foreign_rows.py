"""Nobody reaches what is another's: every address × every method × every kind of account × ids of others (R1.7).

With the id in the address, in the form, in the body, in bulk and in searches. What comes back and what was written is
judged by plain SQL (foreign.py), and an id of others is answered like one that does not exist.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import session
from app.machines.webhooks.services import publish_waiting
from app.web import errors
from app.workflow import registry
from tests.fixtures.undoing import undoing
from tests.guards import foreign, walk
from tests.guards.brought import bring_all
from tests.guards.foreign import Place, place_of
from tests.guards.rows import FAR, Rows
from tests.guards.walk import Caller, Column, seldom

# Whose everything is: graduate1 of dept10001a, school10001, province11, and employer1. Everybody here is somebody else.
CALLERS = ("province32", "school10002", "dept10001b", "employer2", "graduate2", "")
SCOPES = ("province_id", "school_id", "department_id", "employer_id", "graduate_id", "id")


@dataclass
class World:
    """The application with the rows that are asked for."""

    app: Flask
    rows: Rows
    cases: dict[str, list[int]]


@pytest.fixture(scope="module")
def world(application: Flask, database: str) -> Iterator[World]:
    """Real cases of graduate1 and those like them in every state, and a row of everything else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(application.config, "WTF_CSRF_ENABLED", False)
        patch.setattr(errors, "_page", seldom(errors._page))
        logging.disable(logging.ERROR)
        cases = bring_all(application)
        rows = Rows(application)
        for rule, _method in walk.calls(application):
            rows.path(rule)  # makes up what is missing
        with application.app_context():
            while publish_waiting():  # who reads the feed numbers what no worker has come to yet
                pass
            foreign.prepare()
            session.remove()
        yield World(application, rows, cases)
        logging.disable(logging.NOTSET)


class Asker:
    """One account that asks for what is others', and judges what comes of it."""

    def __init__(self, world: World, username: str) -> None:
        self.world, self.app, self.name = world, world.app, username
        with self.app.app_context():
            self.place: Place = place_of(username)
            home = place_of("graduate1").own
            unit = place_of("employer1").own
            session.remove()
        self.home = {
            "province_id": home.province or 1,
            "school_id": home.school,
            "department_id": home.department,
            "employer_id": unit.employer,
            "graduate_id": home.graduate,
        }
        self.caller = Caller(self.app, Column(username, username)) if username else None
        self.client = self.caller.client if self.caller else FlaskClient(self.app)
        self.problems: list[str] = []
        self.calls = 0

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> int:
        """Send it, judge the answer and what was written, and undo it."""
        api = path.startswith("/api/")
        options: dict[str, Any] = {} if method == "GET" or body is None else {"json": body} if api else {"data": body}
        headers = self.caller.headers if api and self.caller else {}
        self.calls += 1
        with self.app.app_context(), undoing():
            answer = self.client.open(path, method=method, headers=headers, **options)
            text, status = answer.get_data(as_text=True) if _is_text(answer) else "", answer.status_code
            answer.close()
            leaked = self.place.leaked(text)
            if leaked or status >= 500:
                self.problems.append(f"{self.name} {method} {path}: {status}, names {sorted(leaked)[:5]}")
            for table, row in foreign.changes():
                if self.place.is_foreign(table, row):
                    self.problems.append(f"{self.name} {method} {path}: wrote {table} {row.get('id')}")
        return status

    def walk(self) -> None:
        """Every address with every method."""
        for rule, method in walk.calls(self.app):
            if rule.endpoint.startswith("standin"):
                continue
            path = self.world.rows.path(rule)
            body = {**self._body(rule), **({} if path.startswith("/api/") else self.world.rows.form(rule))}
            status = self.ask(method, path, body)
            missing = self._missing(rule)
            if missing and self._is_anothers(rule):
                there_is_none = self.ask(method, missing, body)
                if status != there_is_none:
                    self.problems.append(f"{self.name} {method} {path}: {status}, where nothing is {there_is_none}")

    def walk_in_bulk(self) -> None:
        """Every event of every workflow with one id, with many and with a query; lists and searches for what is others'."""
        for workflow in registry.all_workflows():
            ids = self.world.cases[workflow.name]
            for number, event in enumerate(workflow.events):
                ways = ({"ids": ids, "dry_run": True}, {"query": {"school_id": self.home["school_id"]}})
                # Which records are meant is found out before the event is looked at: its ways are tried by turns.
                for sent in ({"ids": ids}, ways[number % 2]):
                    self.ask("POST", f"/api/v1/{workflow.name}/bulk/{event}", {**sent, "reason": "x"})
                one, none = (f"/api/v1/{workflow.name}/{case}/{event}" for case in (ids[0], FAR))
                status, there_is_none = (self.ask("POST", path, {"reason": "x"}) for path in (one, none))
                if status != there_is_none and self._is_row_of_others(workflow.model.__tablename__, ids[0]):
                    self.problems.append(f"{self.name} POST {one}: {status}, where nothing is {there_is_none}")
        for view in self.app.appbuilder.baseviews:  # type: ignore[attr-defined]
            base = getattr(view, "route_base", None) or ""
            for column in {*_searched(view)} & {*SCOPES, "graduate_name", "exam_number", "name"}:
                value = self.home.get(column, self.world.cases["online_signing"][0])
                self._search(view, base, column, value)
            for name in getattr(view, "actions", None) or ():
                for row in self.world.cases.get(getattr(view, "workflow", ""), [])[:3]:
                    self.ask("POST", f"{base}/action_post", {"action": name, "rowid": [row], "reason": "x"})

    def _search(self, view: Any, base: str, column: str, value: Any) -> None:
        q = quote(json.dumps({"filters": [{"col": column, "opr": "eq", "value": value}], "page_size": 100}))
        if getattr(view, "listing", None) is not None:
            for end in (f"/?q={q}", f"/?{column}={value}", f"/export?q={q}"):
                self.ask("GET", base + end)
        else:
            self.ask("GET", f"{base}/list/?_flt_0_{column}={value}")
            self.ask("GET", f"{base}/export?_flt_0_{column}={value}")

    def _body(self, rule: Any) -> dict[str, Any]:
        """Ids of others in every field that could take one."""
        row = self.world.rows.row(rule, "pk")
        many = {"ids": [row], "graduate_ids": [self.home["graduate_id"]], "graduates": [self.home["graduate_id"]]}
        return {
            **self.home,
            **many,
            "id": row,
            "case_id": row,
            "signing_id": self.world.cases["online_signing"][0],
            "reason": "x",
        }

    def _missing(self, rule: Any) -> str:
        """The same address with an id that nobody has; "" where it takes none."""
        numbers = [name for name in rule.arguments if name in ("pk", "id") or name.endswith("_id")]
        if not numbers:
            return ""
        pattern = "|".join(numbers)
        return self.world.rows.path(_Far(re.sub(rf"<(?:\w+:)?(?:{pattern})>", str(FAR), rule.rule), rule))  # type: ignore[arg-type]

    def _is_anothers(self, rule: Any) -> bool:
        name = next(one for one in sorted(rule.arguments) if one in ("pk", "id") or one.endswith("_id"))
        row_id = self.world.rows.row(rule, name)
        model = self.world.rows.model(rule, name)
        return model is not None and self._is_row_of_others(model.__tablename__, row_id)

    def _is_row_of_others(self, table: str, row_id: Any) -> bool:
        with self.app.app_context():
            row = foreign.row_of(table, row_id)
            return row is not None and self.place.is_foreign(table, row)


@dataclass
class _Far:
    """An address that is filled in already, with the view of the rule."""

    rule: str
    of: Any

    @property
    def endpoint(self) -> str:
        return str(self.of.endpoint)


def _is_text(answer: Any) -> bool:
    return answer.mimetype.startswith("text/") or answer.mimetype == "application/json"


def _searched(view: Any) -> Iterator[str]:
    yield from getattr(view, "search_columns", None) or ()
    yield from getattr(getattr(view, "listing", None), "search", None) or ()


@pytest.mark.parametrize("username", CALLERS)
def test_nobody_reaches_what_is_anothers(world: World, username: str) -> None:
    asker = Asker(world, username)
    asker.walk()
    if username:
        asker.walk_in_bulk()
    print(f"{username or 'stranger'}: {asker.calls} calls")
    assert not asker.problems, "\n".join(asker.problems[:60])
    assert asker.calls > 400


def test_what_is_ones_own_is_reached(world: World) -> None:
    """The counterpart: the same walk by those whose it is reads names and writes rows."""
    asker = Asker(world, "school10001")
    asker.place = place_of_nobody(asker.place)
    asker.walk()
    assert [one for one in asker.problems if "names [" in one and "names []" not in one]
    assert [one for one in asker.problems if "wrote" in one]


def place_of_nobody(place: Place) -> Place:
    """The same account, to whom nothing belongs."""
    from dataclasses import replace

    return replace(place, own=foreign.Owner(school=-1, user=-1), graduates=frozenset())
