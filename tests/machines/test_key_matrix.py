"""A key opens what its scopes say and nothing else: every address × every method × the makers' kinds of account."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.access.actors import Actor, load_actor
from app.access.api_keys.guards import refuse_beyond_scopes
from app.base.database import transaction
from app.base.errors import Forbidden
from app.machines.keys import records, services
from app.web.current import current_actor
from app.workflow import registry
from tests.guards import walk
from tests.guards.rows import Rows, forget_checks
from tests.guards.walk import REFUSED, Caller, Column

MAKERS = ("school10001", "employer1", "province11", "operator")
FREE = {"/api/v1/me", "/api/v1/dictionaries/", "/api/v1/dictionaries/<string:name>"}
CLOSED = ("me", "security", "api_keys", "colleagues")
# What hands something in or takes it back; whatever else can be done with a record binds or judges.
AUTHORED = {"create", "invite", "submit", "attachments", "upload_link"}
TAKEN_BACK = {("online_signing", "withdraw"), ("online_termination", "withdraw"), ("offline_signing", "withdraw")}
TAKEN_BACK |= {
    (name, "withdraw") for name in ("supplementary", "offline_termination", "destination", "archive", "hukou")
}
TAKEN_BACK |= {
    ("objection", "withdraw"),
    ("amendment", "withdraw"),
    ("correction", "withdraw"),
    *(("online_signing", one) for one in ("abort", "extend", "remind")),
}
TERMINATIONS = ("online_termination", "offline_termination")
_OWN: dict[str, dict[tuple[str, str], str]] = {}  # maker → call → sign; whatever the key, this stays
DOORS = 10  # of so many calls that a key has no scope for, one is made at the door itself; the others ask its rule


@pytest.fixture(scope="module")
def quick(application: Flask, database: str) -> Iterator[Flask]:
    logging.disable(logging.ERROR)
    with application.app_context(), transaction():
        for workflow in registry.all_workflows():
            forget_checks(workflow.model)
    yield application
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def rows(quick: Flask) -> Rows:
    return Rows(quick)


class KeyCaller(Caller):
    """A program with a key, beside the maker's own token."""

    def __init__(self, app: Flask, maker: str, wanted: set[str]) -> None:
        super().__init__(app, Column(maker, maker))
        self.own = self.headers
        with app.test_request_context():
            offered = records.scopes()
            body = {"name": "矩阵", "scopes": sorted(offered & wanted)}
            _row, text = services.make_key(body, offered=offered, actor=load_actor(self.user_id))
        self.key = {"Authorization": f"Bearer {text}"}

    def actor(self) -> Actor:
        """Who the program is to the rules."""
        with self.app.test_request_context(headers=self.key, path="/api/v1/me"):
            return current_actor()

    def signs(self, method: str, path: str) -> tuple[str, str]:
        """What the maker's token is answered, and what the key is."""
        if (method, path) not in _OWN.setdefault(self.column.name, {}):
            self.headers = self.own
            _OWN[self.column.name][method, path] = self.ask(method, path)
        self.headers = self.key
        return _OWN[self.column.name][method, path], self.ask(method, path)


def calls(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in walk.calls(app) if rule.rule.startswith("/api/v1/")]


def needed(path: str, method: str) -> str:
    """The scope that a call needs, said anew from the contract."""
    resource, *more = path.removeprefix("/api/v1/").strip("/").split("/")
    workflows = {workflow.name for workflow in registry.all_workflows()}
    last = more[-1] if more else "create"
    if method == "GET":
        return f"{resource}:read"
    if resource in ("signals", "recognitions"):
        return f"{resource}:decide"  # what an office or a unit says of one is a judgement
    if resource not in workflows or method != "POST":
        return f"{resource}:write"
    if last == "create" and resource in TERMINATIONS:
        return f"{resource}:decide"
    return f"{resource}:write" if last in AUTHORED or (resource, last) in TAKEN_BACK else f"{resource}:decide"


def steps(app: Flask, rows: Rows) -> Iterator[tuple[str, str, str]]:
    """(rule, method, path) of everything, each event of each workflow at its own address."""
    for rule, method in calls(app):
        if "<string:event>" not in rule.rule:
            yield rule.rule, method, rows.path(rule)
            continue
        workflow = registry.get(rule.rule.split("/")[3])
        for event in dict.fromkeys(row.event for row in workflow.transitions if set(row.who) != {"system"}):
            filled = rule.rule.replace("<string:event>", event).replace("<int:pk>", str(rows.cases[workflow.name]))
            yield rule.rule, method, filled


def all_scopes(app: Flask) -> frozenset[str]:
    with app.test_request_context():
        return records.scopes()


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("action", ["read", "write", "decide"])
def test_an_action_opens_itself_alone(quick: Flask, rows: Rows, maker: str, action: str) -> None:
    scopes = {scope for scope in all_scopes(quick) if scope.endswith(f":{action}")}
    caller, wrong = KeyCaller(quick, maker, scopes), []
    for rule, method, path in steps(quick, rows):
        own, by_key = caller.signs(method, path)
        resource = path.split("/")[3]
        if rule in FREE and method == "GET":
            expected = own
        elif resource in CLOSED or needed(path, method) not in scopes:
            expected = own if resource == "events" and action == "read" else REFUSED
        else:
            expected = own
        if by_key != expected:
            wrong.append(f"{method} {path}: {by_key}, not {expected} (own {own})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("maker", ["school10001", "employer1"])
def test_a_resource_opens_itself_alone(quick: Flask, rows: Rows, maker: str) -> None:
    """For each resource a key that holds all of it: its rule lets through no address of another, nor do the doors."""
    by_resource: dict[str, set[str]] = {}
    for scope in all_scopes(quick):
        by_resource.setdefault(scope.split(":")[0], set()).add(scope)
    everything = list(steps(quick, rows))
    wrong = []
    for turn, (resource, scopes) in enumerate(sorted(by_resource.items())):
        caller = KeyCaller(quick, maker, scopes)
        caller.headers = caller.key
        actor = caller.actor()
        for number, (rule, method, path) in enumerate(everything, turn):
            if path.split("/")[3] == resource or (rule in FREE and method == "GET"):
                continue
            if path.split("/")[3] == "events" and registry_has(resource):
                continue
            if is_let_through(actor, method, path):
                wrong.append(f"{resource}: {method} {path} by the rule")
            if number % DOORS == 0 and caller.ask(method, path) != REFUSED:
                wrong.append(f"{resource}: {method} {path}")
    assert not wrong, "\n".join(wrong)


def is_let_through(actor: Actor, method: str, path: str) -> bool:
    """What the gate asks of a key before any view runs."""
    try:
        refuse_beyond_scopes(actor, method, path.removeprefix("/api/v1/"))
    except Forbidden:
        return False
    return True


def registry_has(name: str) -> bool:
    return name in {workflow.name for workflow in registry.all_workflows()}
