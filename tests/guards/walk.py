"""Asks every address and every step of the workflows as every kind of account, and undoes whatever they did.

What comes back is only whether the permission let the caller through: `+` it did (also when the request was then found
wanting: 400, 409, 422 …), `-` refused (403), `.` not there for this caller (404).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask, g
from flask import session as cookie
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from sqlalchemy import text, update
from werkzeug.routing import Rule

from app.access import sessions
from app.access.accounts import account_named
from app.access.actors import MODULES, load_actor
from app.access.sessions import LoginSession
from app.access.unit_roles import UNIT_ROLES
from app.base import clock
from app.base.database import session, transaction
from app.web.current import SESSION_TOKEN
from app.web.gate import is_open
from app.workflow import registry
from app.workflow.table import Workflow
from tests.fixtures.undoing import undoing

THROUGH, REFUSED, MISSING = "+", "-", "."


@dataclass(frozen=True)
class Column:
    """One way to come: an account, with module permissions other than its own where they are told."""

    name: str
    username: str
    modules: dict[str, str] | None = None
    unit_role: str | None = None


def _all(value: str) -> dict[str, str]:
    return dict.fromkeys(MODULES, value)


_NEW = {"employment": "rw", "archive": "none", "hukou": "none"}
_OTHER = {"employment": "none", "archive": "ro", "hukou": "rw"}
COLUMNS = (
    Column("operator", "operator"),
    *(Column(f"province {value}", "province11", _all(value)) for value in ("rw", "ro", "none")),
    *(Column(f"school {value}", "school10001", _all(value)) for value in ("rw", "ro", "none")),
    Column("school as new: employment rw alone", "school10001", _NEW),
    Column("school with archive ro, hukou rw alone", "school10001", _OTHER),
    Column("school rw, nothing opened by its province", "school10558", _all("rw")),
    *(Column(f"department {value}", "dept10001a", _all(value)) for value in ("rw", "ro", "none")),
    Column("department as new: employment rw alone", "dept10001a", _NEW),
    *(Column(f"employer {role}", "employer1", unit_role=role) for role in UNIT_ROLES),
    Column("graduate", "graduate1"),
)


@dataclass
class Caller:
    """An account at the browser's doors and at the API's."""

    app: Flask
    column: Column
    client: FlaskClient = field(init=False)
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        with self.app.app_context(), transaction():
            account = account_named(self.column.username)
            assert account is not None
            if self.column.modules is not None:
                account.modules = dict(self.column.modules)
            if self.column.unit_role is not None:
                account.unit_role = self.column.unit_role
            self.user_id = account.user_id
            sid = sessions.open_session(self.user_id, door="school", ip=None, lifetime=timedelta(hours=1))
            # Used a moment ago for as long as the walk lasts: noting it at every call would be undone with the call.
            session.execute(update(LoginSession).values(seen_at=clock.now() + timedelta(hours=1)))
            token = create_access_token(str(self.user_id), additional_claims={SESSION_TOKEN: sid})
        self.headers = {"Authorization": f"Bearer {token}"}
        # The plain client, not the isolated one of the other tests: it shares the context, and so the transaction.
        self.client = FlaskClient(self.app)
        with self.client.session_transaction() as mine:
            mine[SESSION_TOKEN] = sid

    def ask(self, method: str, path: str, *, before: Iterable[Any] = (), form: Mapping[str, Any] | None = None) -> str:
        """One sign for the answer; the changes of `before` and of the request are undone."""
        api = path.startswith("/api/")
        body: dict[str, Any] = {} if method == "GET" else {"json": {}} if api else {"data": dict(form or {})}
        if api and path.endswith("/attachments"):
            body = {"data": {"kind": "x"}, "content_type": "multipart/form-data"}
        sign = ""
        with self.app.app_context(), undoing():
            for statement in before:
                session.execute(statement)
            answer = self.client.open(path, method=method, headers=self.headers if api else {}, **body)
            sign = {403: REFUSED, 404: MISSING}.get(answer.status_code, THROUGH)
            answer.close()
        return sign


def calls(app: Flask) -> list[tuple[Rule, str]]:
    """Every address with every method, but those that need no account; in a stable order."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if not is_open(rule.endpoint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda one: (one[0].rule, one[1]))


def steps() -> Iterator[tuple[Workflow, str, str]]:
    """Every (workflow, event, state that it leaves) of the tables; workflows by name, steps in the table's order."""
    for workflow in sorted(registry.all_workflows(), key=lambda one: one.name):
        seen = dict.fromkeys((row.event, source) for row in workflow.transitions for source in row.sources)
        yield from ((workflow, event, source) for event, source in seen)


def step(caller: Caller, workflow: Workflow, case_id: int, event: str, source: str) -> str:
    """What an event answers when the case stands in that state."""
    stand = update(workflow.model).where(workflow.model.id == case_id).values(state=source)
    return caller.ask("POST", f"/api/v1/{workflow.name}/{case_id}/{event}", before=[stand])


def entries(app: Flask) -> list[Any]:
    """The entries of the menu that lead somewhere."""

    def flat(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            if item.name != "-" and not item.childs:
                yield item
            yield from flat(item.childs)

    return sorted(flat(app.appbuilder.menu.get_list()), key=lambda item: item.name)  # type: ignore[attr-defined]


def menu(caller: Caller) -> dict[str, str]:
    """Which entries of the menu the account sees while it works in the entry's module."""
    visible = caller.app.jinja_env.filters["is_menu_visible"]
    found = {}
    for item in entries(caller.app):
        with caller.app.test_request_context("/staff/"):
            g.actor = load_actor(caller.user_id)
            cookie["module"] = getattr(item.baseview, "module", None)
            found[item.name] = THROUGH if visible(item) else REFUSED
    return found


def seldom(page: Callable[..., str]) -> Callable[..., str]:
    """Draw every tenth page of a refusal: they are all alike, and most of what a walk takes time for."""
    asked = count()
    return lambda *arguments: "" if next(asked) % 10 else page(*arguments)


def user_id_of(app: Flask, username: str) -> int:
    """The id of a user."""
    with app.app_context():
        query = text("SELECT id FROM ab_user WHERE username = :name")
        return int(session.execute(query, {"name": username}).scalar_one())
