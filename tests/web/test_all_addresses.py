"""Walks over everything that is registered: closed unless opened, and no row that is not there (R1.7).

Rows of others are asked for in tests/guards/test_foreign_rows.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.api import BaseApi
from flask_appbuilder.baseviews import BaseModelView, BaseView
from flask_appbuilder.views import ModelView
from werkzeug.routing import Rule

from app.web.gate import is_open
from app.web.pages import page_kinds
from tests.fixtures.pages import token

# All that strangers may reach. Whoever opens a new address writes it down here too, and says why.
OPEN = {
    "static",  # style sheets, scripts, fonts
    "appbuilder.static",
    "health.show",  # for supervisors; names parts only
    "metrics.ready",  # for balancers; why this process cannot serve, naming nobody
    "metrics.show",  # for who watches the platform, with a token of its own
    "EntranceView.start",  # the three entrances
    "EntranceView.login",
    "EntranceView.enter",
    "EntranceView.second",
    "EntranceView.logout",
    "SecurityApi.login",  # tokens
    "SecurityApi.refresh",
    "OpenApi.get",  # the description of the API holds no data
    "SwaggerView.show",
    *(f"activation.{step}" for step in ("ask", "send", "enter", "finish")),  # graduates without an account yet (R1.2)
    *(f"registration.{step}" for step in ("ask", "send", "enter", "finish")),  # employers likewise
    *(f"recovery.{step}" for step in ("ask", "send", "enter", "finish")),  # forgotten passwords
    *(f"setting_up.{step}" for step in ("ask", "finish")),  # a new account of staff, by the link to its person (R1.4)
    *(f"joining.{step}" for step in ("ask", "typed")),  # what a code invites to that an owner of a unit has sent (B13)
    *(f"phone_login.{step}" for step in ("ask", "send", "enter", "finish")),  # graduates, by a code to their own phone
    "choose_language",  # at the foot of the public pages; 404 for a language that is not offered
    "docs.show",  # how other systems work with the platform
    "docs.employment_system",  # and what an employment system must answer; no data in either
    "federated.start",  # to the identity provider and back
    "federated.back",
    "channel_login.start",  # to WeChat and back, for graduates who have bound it
    "channel_login.back",
    *(
        "ChainApi.get_list",
        "ChainApi.get",
        "trail.chain",
    ),  # the sealed ends of histories: hashes, for everybody to keep
    "verify.ask",  # whether an agreement is genuine, parties masked (R9.4)
    "verify.tell",
    *(f"upload.{step}" for step in ("show", "agreement", "hand_in")),  # a unit with a link, for its stamped copy (R7.6)
    *(f"upload.{step}" for step in ("change", "file")),  # and the pictures that wait there until they are handed in
    "codes.understand",  # how a typed value is read; it looks at nothing but what is sent (R13.1)
    "verify.tell_of_file",
    "verify.certificates",  # by which certificates papers are sealed: public parts of keys, for whoever checks a seal
    "verify.certificate",
    "VerifyApi.get",  # the same for programs (B3)
    "VerifyApi.post",
    "standin_bank.counter",  # the bank of the trial, for whoever tries the platform; not there in production
    "standin_bank.statement_json",
    "standin_wechat.ask",  # likewise its WeChat
    "standin_wechat.agree",
}
# For everybody with an account, whatever the kind.
MEMBERS = {"UtilView.back", "codes.regions"}
FAR = 987_654_321_012
Walk = list[tuple[Rule, str]]


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in {"static", "appbuilder.static"}]


def _calls(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in _rules(app):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def _path(rule: Rule, row: Any, **texts: str) -> str:
    """The rule's address with `row` for every id and the given texts for the others."""
    names = {"version": "v1", "door": "school", "name": "x", "channel": "wechat", **texts}

    def fill(found: re.Match[str]) -> str:
        name = found[1].rsplit(":", 1)[-1]
        return str(names.get(name, row))

    return re.sub(r"<([^>]+)>", fill, rule.rule)


def _views(app: Flask) -> list[Any]:
    return list(app.appbuilder.baseviews)  # type: ignore[attr-defined]


def test_only_what_is_written_down_is_open(app: Flask) -> None:
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if is_open(rule.endpoint)}
    assert opened == OPEN


def test_every_other_address_is_closed_to_strangers(app: Flask, client: FlaskClient) -> None:
    seen = 0
    csrf = token(client.get("/login/school").text)
    for rule, method in _calls(app):
        if rule.endpoint in OPEN:
            continue
        path = _path(rule, 1)
        api = path.startswith("/api/")
        options: dict[str, Any] = {} if api or method == "GET" else {"data": {"csrf_token": csrf}}
        answer = client.open(path, method=method, **options)
        if api:
            assert answer.status_code == 401, (method, path, answer.status_code)
        elif method == "GET":
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer.headers["Location"].startswith(("/?next=", "/login/")), (path, answer.headers["Location"])
        else:
            assert answer.status_code == 401, (method, path, answer.status_code)
        seen += 1
    assert seen > 30


def test_every_page_says_for_whom_it_is(app: Flask) -> None:
    """A hand-made page names its kinds of account; a FAB view or API room names its permissions."""
    forgotten = []
    views = {view.endpoint: view for view in _views(app)}
    for rule in _rules(app):
        room, _dot, _function = rule.endpoint.rpartition(".")
        if rule.endpoint in OPEN | MEMBERS:
            continue
        guarded = room in views and (views[room].base_permissions or isinstance(views[room], BaseApi))
        if not guarded and not page_kinds(app.view_functions[rule.endpoint]):
            forgotten.append(rule.endpoint)
    assert forgotten == []


def test_no_view_is_added_unsafely(app: Flask) -> None:
    """Every FAB view over a table stands on the safe base."""
    from app.fab.views import ScopedModelView

    unsafe = [type(view).__name__ for view in _views(app) if isinstance(view, BaseModelView | ModelView)]
    safe = [type(view).__name__ for view in _views(app) if isinstance(view, ScopedModelView)]
    assert unsafe == safe


def test_no_relation_is_searched_or_unscoped_by_accident(app: Flask) -> None:
    from app.fab.views import SCOPE_COLUMNS

    for view in _views(app):
        if not isinstance(view, BaseModelView):
            continue
        relations = [column for column in view.search_columns if view.datamodel.is_relation(column)]
        assert relations == [], type(view).__name__
        carries_scope = {"school_id", "province_id", "employer_id", "graduate_id"} & set(view.datamodel.list_columns)
        assert view.scoped or not carries_scope, f"{type(view).__name__} shows scoped rows to everybody"
        on_forms = SCOPE_COLUMNS & {*view.add_columns, *view.edit_columns}
        assert not (view.scoped and on_forms), type(view).__name__


@pytest.mark.parametrize("account", ["school10284", "province32", "employer2", "graduate13"])
def test_row_that_is_not_there_is_not_found_by_any_address_of_the_api(
    app: Flask, api: Callable[..., Any], account: str
) -> None:
    caller = api(account)
    for rule, method in _calls(app):
        if not rule.rule.startswith("/api/v1/") or not ({"pk", "id"} & rule.arguments):
            continue
        path = _path(rule, FAR, event="approve").removeprefix("/api/v1")
        answer = caller.call(method, path, **({"json": {}} if method != "GET" else {}))
        assert answer.status_code in {403, 404, 415}, (method, path, answer.status_code)


def test_hand_made_views_of_fab_are_gone(app: Flask) -> None:
    """FAB's own log-in, registration, password and user screens do not exist beside ours."""
    endpoints = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()}
    gone = (
        "AuthDBView",
        "ResetPasswordView",
        "ResetMyPasswordView",
        "UserInfoEditView",
        "UserDBModelView",
        "LocaleView",
    )
    assert endpoints.isdisjoint(gone)
    assert not any(
        isinstance(view, BaseView) and type(view).__name__.startswith("RegisterUser") for view in _views(app)
    )
