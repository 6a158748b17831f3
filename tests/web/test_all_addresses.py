"""Walks over everything that is registered: closed unless opened, and no foreign row by any address (R1.7)."""

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
from tests.fixtures.application import PASSWORD
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


@pytest.fixture(scope="module")
def cases(application: Flask, database: str) -> dict[str, int]:
    """One case of graduate1 (10001) with employer1 in every stage that anybody may act on."""
    from sqlalchemy import text

    from app.access.actors import load_actor
    from app.base.database import session
    from app.signing.online.services.invitations import invite_graduates
    from app.workflow import engine
    from tests.fixtures.pages import letter

    def actor(username: str) -> Any:
        query = text("SELECT id FROM ab_user WHERE username = :name")
        return load_actor(session.execute(query, {"name": username}).scalar_one())

    with application.app_context():
        names = ("graduate1", "graduate2", "graduate7", "graduate8")
        graduates = {name: actor(name).graduate_id for name in names}
        made = invite_graduates(list(graduates.values()), letter(), actor=actor("employer1"))
        ids = {name: case.id for name in names for case in made.created if case.graduate_id == graduates[name]}
        engine.fire("online_signing", ids["graduate2"], "accept", actor=actor("graduate2"))
        engine.fire("online_signing", ids["graduate8"], "accept", actor=actor("graduate8"))
        engine.fire("online_signing", ids["graduate8"], "approve", actor=actor("school10002"))
        return {
            "invited": ids["graduate1"],
            "review": ids["graduate2"],
            "other": ids["graduate7"],
            "signed": ids["graduate8"],
        }


# Accounts that have nothing to do with the cases of `cases`, each with the roles of its kind.
FOREIGNERS = ("school10284", "province32", "employer2", "graduate13")


@pytest.mark.parametrize("account", FOREIGNERS)
def test_foreign_case_is_not_found_through_the_api(
    app: Flask, api: Callable[..., Any], cases: dict[str, int], account: str
) -> None:
    """Every address of every workflow, every event, every stage: 404, as if it did not exist."""
    from app.cases.api import CaseApi

    caller, seen = api(account), 0
    rooms = [view for view in _views(app) if isinstance(view, CaseApi)]
    assert rooms
    for room in rooms:
        rules = [
            rule for rule in _rules(app) if rule.endpoint.startswith(f"{room.endpoint}.") and "pk" in rule.arguments
        ]
        events = room.table.events
        for rule in rules:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for case_id in cases.values():
                    for event in events if "event" in rule.arguments else ("",):
                        path = _path(rule, case_id, event=event).removeprefix("/api/v1")
                        body = {"reason": "x", "reason_code": "01", "category": "11"}
                        sent: dict[str, Any] = (
                            {"data": {"kind": "x"}} if path.endswith("attachments") else {"json": body}
                        )
                        answer = caller.call(method, path, **(sent if method != "GET" else {}))
                        if path.endswith("attachments"):
                            assert answer.status_code in {404, 415}
                        else:
                            assert answer.status_code == 404, (method, path, answer.status_code)
                        seen += 1
        for case_id in cases.values():
            for event in events:
                answer = caller.post(f"/{room.workflow}/bulk/{event}", {"ids": [case_id], "reason": "x"})
                results = (answer.get_json() or {}).get("result", [])
                assert answer.status_code in {403, 404} or [r["code"] for r in results] == ["not_found"]
        listed = caller.get(f"/{room.workflow}/?q=(page_size:200)").get_json()
        assert not set(cases.values()) & set(listed.get("ids", []))  # no list at all for other kinds (403)
    assert seen > 30


@pytest.mark.parametrize("account", FOREIGNERS)
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


@pytest.mark.parametrize(
    ("account", "door"), [("school10284", "school"), ("employer2", "employer"), ("graduate13", "graduate")]
)
def test_foreign_case_is_not_found_by_any_page(
    app: Flask, client: FlaskClient, cases: dict[str, int], account: str, door: str
) -> None:
    """Every FAB view, action and hand-made page that takes an id, with the id of a case of others."""
    csrf = token(client.get(f"/login/{door}").text)
    form = {"username": account, "password": PASSWORD, "csrf_token": csrf}
    assert client.post(f"/login/{door}", data=form).status_code == 302
    csrf = _fresh_token(client)
    seen = 0
    for rule, method in _calls(app):
        if rule.rule.startswith("/api/") or rule.endpoint in OPEN or not rule.arguments - {"channel"}:
            continue
        events = ("approve", "accept", "withdraw", "retry") if {"event", "name"} & rule.arguments else ("",)
        for event in events:
            for case_id in (cases["invited"], cases["review"], cases["signed"]):
                path = _path(rule, case_id, event=event, name=event)
                data = {"csrf_token": csrf, "rowid": case_id, "reason": "x"}
                answer = client.open(path, method=method, **({"data": data} if method != "GET" else {}))
                assert answer.status_code in {403, 404}, (method, path, answer.status_code)
                seen += 1
    assert seen > 5
    _assert_untouched(app, cases)


def _fresh_token(client: FlaskClient) -> str:
    """A CSRF token of the logged-in session: every page carries one, that of an unknown address as well."""
    return token(client.get("/no/such/page").text)


def _assert_untouched(app: Flask, cases: dict[str, int]) -> None:
    from sqlalchemy import text

    from app.base.database import session

    with app.app_context():
        query = text("SELECT id, state FROM online_signings")
        states = {row.id: row.state for row in session.execute(query)}
    assert states[cases["invited"]] == "invited"
    assert states[cases["signed"]] == "signed"


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
