"""Calls that nobody means well: every address, known and unknown methods, odd ids, parameters, headers and bodies.

The same seed makes the same calls. Half of what is sent is near enough to the right thing to come past the first check.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes

from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule

from tests.fixtures.pages import LETTER
from tests.guards.brought import bring_all
from tests.guards.rows import Rows

ROOT = Path(__file__).resolve().parents[2]
CALLERS = (
    "operator",
    "province11",
    "school10001",
    "dept10001a",
    "employer1",
    "employer3",
    "graduate1",
    "graduate7",
    "",
)
PLACES = {"graduate": "graduate", "employer": "employer", "staff": "school"}
METHODS = ("OPTIONS", "HEAD", "TRACE", "CONNECT", "PATCH", "PUT", "DELETE", "POST", "GET", "PROPFIND", "QUERY", "get")
TEXTS = (
    *(
        "",
        " ",
        "x",
        "0",
        "-1",
        "1",
        "9" * 30,
        "9223372036854775808",
        "1e999",
        "NaN",
        "-0.0",
        "1.5",
        "٣",
        "true",
        "null",
    ),
    *(
        "9999-12-31",
        "0001-01-01",
        "10000-01-01",
        "2026-02-30",
        "9999-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00+14:00",
    ),
    *(
        "2026-11-29",
        "a\x00b",
        "\r\nX-Y: z",
        "%",
        "%00",
        "\\",
        "'",
        '"',
        "<b>",
        "{{7*7}}",
        "%(x)s",
        "../../etc/passwd",
        "//x",
    ),
    *(
        "\U0001f600" * 70,
        "字" * 3000,
        "\ufeff",
        "\u202e",
        "\ud800",
        "\udfff\ud800",
        "e\u0301",
        "=1+1",
        "http://[",
        "(",
        "!(",
    ),
    *(
        "110108",
        "110101200001011234",
        "13800138000",
        "a@b.example",
        "2026",
        "rw",
        "approve",
        "zh",
        "91110108551385082Q",
    ),
)
NUMBERS = (0, -1, 1, 2, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 1.5, 1e308, -0.0, True, False, None)
HEADERS = {
    "Accept": ("", "*/*", "text/html;q=nan", "application/json", "x" * 5000, "é"),
    "Accept-Language": ("", "zh", "xx-XX;q=9e999", "*", ",,;;", "en;q=-1", "\xe9"),
    "Accept-Encoding": ("gzip", "br;q=0", "*", "\x7f"),
    "Authorization": ("", "Bearer", "Bearer x", "Bearer a.b.c", "Basic ====", "Bearer " + "a" * 9000, "Digest x=\xff"),
    "Content-Encoding": ("gzip", "x"),
    "Content-Length": ("-1", "x", "0", "99999999999999999999"),
    "Content-Type": (
        *("", "application/json", "application/json; charset=utf-16", "application/json;charset=x", "text/plain", "/"),
        *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff", "x/y; a=\x01"),
        *("application/x-www-form-urlencoded; charset=none", "application/merge-patch+json", "a" * 300),
    ),
    "Cookie": ("session=x", "session=.a.b", "device=\x01", "=;=;", "language=../x", "a=" + "b" * 4000),
    "Expect": ("100-continue", "x"),
    "Host": ("", "evil.example", "[", "localhost:99999", "a" * 300, "\xe9"),
    "HX-Request": ("true", "x"),
    "HX-Target": ("#", "\xff"),
    "Idempotency-Key": ("", "k", "k" * 300, "\xe9", "a b", "\x01"),
    "If-Match": ("", "*", '"1"', '"x"', 'W/"1"', '"' + "9" * 40 + '"', '"-1"', "1, 2", '"', "\xff"),
    "If-Modified-Since": ("x", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Thu, 99 Foo 2026"),
    "If-None-Match": ("*", '"x"', "W/", "\xff"),
    "If-Range": ("x", '"x"', "Fri, 31 Dec 9999 23:59:59 GMT"),
    "If-Unmodified-Since": ("x", "Mon, 01 Jan 0001 00:00:00 GMT"),
    "Origin": ("null", "https://evil.example", "http://["),
    "Range": (
        "bytes=0-0",
        "bytes=-1",
        "bytes=9-1",
        "bytes=" + "0-," * 900,
        "bytes=99999999999999999999-",
        "x",
        "bytes=a-b",
    ),
    "Referer": ("", "http://[", "http://localhost//evil.example/x", "http://localhost/\\e", "javascript:x", "\xe9"),
    "Transfer-Encoding": ("chunked", "x"),
    "User-Agent": ("", "\x01", "é" * 3000),
    "X-CSRFToken": ("", "x", "\xff"),
    "X-Forwarded-For": ("", "1.2.3.4", "x, y", "::::", ", " * 500, "\xe9"),
    "X-Forwarded-Host": ("evil.example", "["),
    "X-Forwarded-Proto": ("https", "javascript"),
    "X-HTTP-Method-Override": ("DELETE", "x"),
}
_REFUSED_HEADER = ValueError, UnicodeError  # what no client can send at all


@dataclass
class Fuzz:
    """Makes calls, sends them and remembers what came back."""

    app: Flask
    seed: int
    rows: Rows = field(init=False)
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.cases = bring_all(self.app)
        self.rows = Rows(self.app)
        self._invent()
        self.rules: list[Rule] = [rule for rule in self.app.url_map.iter_rules() if rule.rule != "/health"]
        self.parameters = _read_names(r"request\.args(?:\.get\(|\.getlist\(|\[)\"([\w.]+)\"")
        self.fields = _read_names(r"request\.form(?:\.get\(|\.getlist\(|\[)\"([\w.-]+)\"")
        self.described = _bodies(self.app)
        self.columns = sorted({name for view in self.rows.views.values() for name in _searched(view)})
        self.clients: dict[str, tuple[Any, dict[str, str]]] = {}

    def _invent(self) -> None:
        """Rows of a kind that there is, in place of those that are made up: a job that never ran, a part of a letter."""
        from app.base.database import session, transaction
        from app.employers.favorites.jobs import KIND

        for name in ("Job", "LetterTemplate"):
            self.rows.row_of(self.rows.models[name])
        with self.app.app_context(), transaction():
            session.execute(text("UPDATE jobs SET kind = :kind"), {"kind": KIND})
            part = {"part": json.dumps(LETTER["position"])}
            session.execute(text("UPDATE letter_templates SET data = CAST(:part AS jsonb)"), part)

    def run(self, calls: int, renew: Callable[[], None]) -> None:
        """Send so many calls; `renew` puts accounts back to what they were, every now and then."""
        for number in range(calls):
            if number % 100 == 0:
                renew()
                self.clients = {name: _logged_in(self.app, name) for name in CALLERS}
            self.call()

    def call(self) -> None:
        """Make and send one call."""
        rng, rule = self.rng, self.rng.choice(self.rules)
        known = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) or ["GET"]
        method = rng.choice(known) if rng.random() < 0.75 else rng.choice(METHODS)
        name = self._caller(rule)
        client, headers = self.clients[name]
        path = self._path(rule)
        options = self._body(rule, method) if method not in ("GET", "HEAD", "OPTIONS") or rng.random() < 0.1 else {}
        sent = {**(headers if path.startswith("/api/") else {}), **options.pop("headers", {}), **self._headers()}
        try:
            answer = client.open(path, method=method, headers=sent, **options)
        except _REFUSED_HEADER as error:
            if "header" not in str(error) and "encode" not in str(error):
                raise
            self.answers[0] += 1
            return
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500 or _splits(answer):
            self.faults.append(f"{answer.status_code} {name or 'stranger'} {method} {path!a} {sent!a} {options!a}")
        answer.close()

    def _caller(self, rule: Rule) -> str:
        """More often than not somebody whose place it is."""
        fitting = [name for name in CALLERS if name and name.startswith(PLACES.get(rule.rule.split("/")[1], ""))]
        return self.rng.choice(fitting if self.rng.random() < 0.6 else CALLERS)

    def _path(self, rule: Rule) -> str:
        rng = self.rng
        if rng.random() < 0.6:
            self.rows.cases |= {name: rng.choice(ids) for name, ids in self.cases.items()}
            path = self.rows.path(rule)
        else:
            path = re.sub(r"<[^>]+>", lambda _found: self._quoted(), rule.rule)
        query = "&".join(self._parameter() for _ in range(rng.choice((0, 0, 1, 1, 2, 4))))
        return f"{path}?{query}" if query else path

    def _parameter(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            return f"{rng.choice(self.parameters)}={self._quoted()}"
        if kind < 0.6:
            return f"{rng.choice(self.columns)}={self._quoted()}"
        if kind < 0.75:
            return f"_flt_{rng.choice((0, 1, 2, 9, -1, 'x'))}_{rng.choice(self.columns)}={self._quoted()}"
        rule = {
            "col": rng.choice(self.columns),
            "opr": rng.choice(("eq", "ct", "gt", "lt", "in", "x")),
            "value": self._any(),
        }
        whole: dict[str, Any] = {
            "filters": [rule],
            rng.choice(("page", "page_size", "order_column", "keys", "x")): self._any(),
        }
        return "q=" + (quote(json.dumps(whole)) if rng.random() < 0.8 else self._quoted())

    def _quoted(self) -> str:
        """A text as an address holds it; now and then bytes that are no text."""
        if self.rng.random() < 0.1:
            return quote_from_bytes(self.rng.choice((b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\x00")))
        return quote(self.rng.choice(TEXTS).encode("utf-8", "surrogatepass"), safe="")

    def _headers(self) -> dict[str, str]:
        names = self.rng.sample(sorted(HEADERS), self.rng.choice((0, 0, 1, 2, 3)))
        return {name: self.rng.choice(HEADERS[name]) for name in names}

    def _body(self, rule: Rule, method: str) -> dict[str, Any]:
        rng, kind = self.rng, self.rng.random()
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        names = self.described.get((address, method.lower())) or self.fields
        chosen = rng.sample(names, min(len(names), rng.randrange(6)))
        if rule.rule.startswith("/api/") and kind < 0.75:
            raw = json.dumps({name: self._any() for name in chosen})
            return {"data": raw, "headers": {"Content-Type": "application/json"}}
        if kind < 0.9:
            fields = {name: self._text() for name in rng.sample(self.fields, min(len(self.fields), rng.randrange(8)))}
            if rng.random() < 0.25:
                fields[rng.choice(("file", "photo", "sheet", "content"))] = self._file()
            return {"data": {**self.rows.form(rule), **fields}}
        return {
            "data": rng.choice(
                (b"", b"{", b"[]", b"\xff" * 20, b'{"a":' * 3000, b"null", b'{"a":1,"a":2}', b"NaN", b"--x")
            )
        }

    def _file(self) -> Any:
        name = self.rng.choice(("a.pdf", "a.xlsx", "../a.png", "a\r\nb.jpg", "", "字" * 300, "a.svg", "\u202egpj.exe"))
        content = self.rng.choice(
            (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"x" * 9000)
        )
        return (io.BytesIO(content), name, self.rng.choice(("application/pdf", "image/png", "", "x", "a/b; c=d")))

    def _text(self) -> str:
        return self.rng.choice(TEXTS).encode("utf-8", "replace").decode()

    def _any(self, depth: int = 0) -> Any:
        kind = self.rng.random()
        if kind < 0.5:
            return self.rng.choice(TEXTS)
        if kind < 0.8 or depth > 2:
            return self.rng.choice(NUMBERS)
        if kind < 0.9:
            return [self._any(depth + 1) for _ in range(self.rng.randrange(4))]
        return {self.rng.choice((*self.fields, *TEXTS)): self._any(depth + 1) for _ in range(self.rng.randrange(4))}


def _splits(answer: Any) -> bool:
    """Whether a header holds what ends a header."""
    return any(sign in value for _name, value in answer.headers for sign in "\r\n\x00")


def _logged_in(app: Flask, username: str) -> tuple[Any, dict[str, str]]:
    """A browser and the headers of the API with a new session of this account; nobody's without a name."""
    from flask_jwt_extended import create_access_token

    from app.access import sessions
    from app.base.database import session, transaction
    from app.web.current import SESSION_TOKEN

    client = app.test_client()
    if not username:
        return client, {}
    with app.app_context(), transaction():
        query = text("SELECT id FROM ab_user WHERE username = :name")
        user_id = int(session.execute(query, {"name": username}).scalar_one())
        sid = sessions.open_session(user_id, door="school", ip=None, lifetime=timedelta(hours=1))
        bearer = create_access_token(str(user_id), additional_claims={SESSION_TOKEN: sid})
    with client.session_transaction() as mine:
        mine[SESSION_TOKEN] = sid
    return client, {"Authorization": f"Bearer {bearer}"}


def _read_names(pattern: str) -> list[str]:
    """What the code reads by name from an address or a form."""
    found: set[str] = {"reason", "ids", "rowid", "action", "code", "next", "page", "search", "order"}
    for file in (ROOT / "app").rglob("*.py"):
        found.update(re.findall(pattern, file.read_text()))
    return sorted(found)


def _searched(view: Any) -> Iterator[str]:
    yield from getattr(view, "search_columns", None) or ()
    yield from getattr(getattr(view, "listing", None), "search", None) or ()


def _bodies(app: Flask) -> dict[tuple[str, str], list[str]]:
    """The fields of the JSON bodies that the description of the API names, by address and method."""
    document = app.test_client().get("/api/v1/_openapi").get_json()

    def fields(schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        parts = (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ()))
        return set(schema.get("properties", ())).union(*map(fields, parts))

    return {
        (address, method): sorted(fields(content.get("schema", {})))
        for address, methods in document["paths"].items()
        for method, told in methods.items()
        if isinstance(told, dict)
        for kind, content in told.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
    }
