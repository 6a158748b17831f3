"""Lists, figures and downloads read from a standby: whoever has written sees it, whatever becomes of the standby."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, make_url, text

from app.base import standbys
from app.base.database import db, session
from app.base.replicas import begin_reading, end_reading, shown
from app.base.settings import settings, use_settings
from app.operations.checks import OK, WARNING, findings
from app.web import sheets
from app.workflow import background, queues, written
from config import Settings, settings_from
from tests.deploy.pooler import pgbouncer, pooled
from tests.deploy.standby import Server, binaries, replicated
from tests.fixtures.application import PASSWORD, TEMPLATES, Api, IsolatedClient
from tests.fixtures.database import TEST, Servers
from tests.fixtures.pages import token
from tests.fixtures.patience import until
from tests.fixtures.trial import ROOT

LIST = "/phrases/?page_size=100"
_SPENT = 60  # seconds behind that nobody minds here, so that a busy machine changes nothing
WATCHER = "watcher-0123456789abcdef"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary and a standby that follows it in its own time; without the programs the tests are skipped."""
    if not os.environ.get("SERVERS"):
        pytest.skip("takes half a minute: `make servers` runs it")
    if binaries() is None:
        pytest.skip("no PostgreSQL of the system found (apt-get install postgresql; `make servers` does)")
    with replicated(each_commit=False) as both:
        yield both


def _load(servers: Servers, primary: Server) -> None:
    with primary.connect() as connection:
        connection.execute(f"CREATE DATABASE {TEST} TEMPLATE template0")  # type: ignore[arg-type]
    source = servers.postgres.url(TEMPLATES[TEST]).replace("+psycopg", "")
    programs, place = servers.postgres.binaries(), binaries()
    dump = subprocess.run([str(programs / "pg_dump"), "--no-owner", source], capture_output=True, check=True)
    into = [str(place / "psql"), "-q", "-d", primary.url(TEST).replace("+psycopg", "")]  # type: ignore[operator]
    subprocess.run(into, input=dump.stdout, capture_output=True, check=True)


@pytest.fixture(scope="module")
def platform(pair: tuple[Server, Server], templates: None, servers: Servers) -> Iterator[Flask]:
    """The application on the demonstration data, with the standby to read from."""
    from app import create_app

    primary, standby = pair
    _load(servers, primary)
    before = settings()
    own = replace(settings_from(), database_url=primary.url(TEST), metrics_token=WATCHER)
    flask = create_app(replace(own, read_urls=(standby.url(TEST),), read_seconds=_SPENT))
    flask.test_client_class = IsolatedClient
    yield flask
    with flask.app_context():
        db.engine.dispose()
    use_settings(before)


@pytest.fixture
def known(platform: Flask) -> None:
    """As if Redis had been there for long."""
    queues.redis().flushall()
    queues.redis().set("written:known", 1)


@pytest.fixture
def school(platform: Flask, known: None) -> Api:
    """A school at the API."""
    return Api(platform.test_client(), "school10001", PASSWORD)


@pytest.fixture
def sent(platform: Flask) -> Iterator[list[str]]:
    """The statements that the standby gets for readers."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "pg_is_in_recovery" not in statement:
            seen.append(statement)

    (one,) = standbys.standbys()
    event.listen(one.engine, "before_cursor_execute", note)
    yield seen
    event.remove(one.engine, "before_cursor_execute", note)


def _serves(platform: Flask) -> bool:
    with platform.app_context():
        return standbys.any_serves(db.engine)


@pytest.fixture
def ready(platform: Flask) -> None:
    """The standby serves."""
    until(lambda: _serves(platform), "the standby is not read from")


@contextmanager
def _still(standby: Server) -> Iterator[None]:
    """What the standby gets is not replayed."""
    with standby.connect() as connection:
        connection.execute("SELECT pg_wal_replay_pause()")
        until(lambda: connection.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() == ("paused",))
        try:
            yield
        finally:
            connection.execute("SELECT pg_wal_replay_resume()")


def _add(school: Api, words: str) -> int:
    body = {"workflow": "destination", "event": "return", "text": words}
    answer = school.post("/phrases/", body)
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def _ids(school: Api) -> list[int]:
    answer = school.get(LIST)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["ids"])


def _forget(school: Api) -> None:
    """As if somebody else asked: nothing is known of what they have written."""
    for key in queues.redis().scan_iter("written:[0-9]*"):
        queues.redis().delete(key)


@contextmanager
def _settings(**changes: Any) -> Iterator[Settings]:
    before = settings()
    use_settings(replace(before, **changes))
    try:
        yield settings()
    finally:
        use_settings(before)


def _browser(platform: Flask, username: str) -> FlaskClient:
    client = platform.test_client()
    form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
    assert client.post("/login/school", data=form).status_code == 302
    return client


def test_only_what_is_shown_comes_from_the_standby(platform: Flask, school: Api, ready: None, sent: list[str]) -> None:
    client = _browser(platform, "school10001")
    _forget(school)
    for address in ("/staff/graduates/list/", "/staff/online-signings/list/", "/staff/statistics/archive/"):
        sent.clear()
        answer = client.get(address)
        assert answer.status_code == 200
        assert sent, address
        assert not [one for one in sent if any(name in one for name in ("login_sessions", "ab_permission", "UPDATE"))]
    sent.clear()
    assert client.get("/staff/graduates/list/").text.count("北京大学") > 0
    told = school.get("/graduates/?page_size=100").get_json()
    assert told["count"]
    assert {one["school"] for one in told["result"]} == {"北京大学"}, "the scope is the reader's"
    assert sent
    sent.clear()
    assert school.get(f"/graduates/{told['ids'][0]}").status_code == 200
    assert not sent, "a record is read where it is written"


def test_whoever_has_written_sees_it(
    platform: Flask, pair: tuple[Server, Server], school: Api, ready: None, sent: list[str]
) -> None:
    client = _browser(platform, "school10001")
    with _still(pair[1]):
        sent.clear()
        words = f"补交材料 {time.time_ns()}"
        added = _add(school, words)
        assert added in _ids(school)
        assert not sent, "what is not replayed yet is read from the database"
        assert client.get("/staff/graduates/list/").status_code == 200
        assert not sent, "the account is the same by whichever door"
        _forget(school)
        assert added not in _ids(school), "others see it when it has been replayed"
        assert sent
        school.post("/phrases/", {"workflow": "online_signing", "event": "no_such", "text": "x"})
        assert added not in _ids(school), "who has changed nothing waits for nothing"
    until(lambda: added in _ids(school))
    other = _add(school, f"{words} 二")
    sent.clear()
    until(lambda: other in _ids(school) and sent, "once it is replayed, the standby is asked again")


def test_what_a_worker_has_written_for_somebody_is_theirs_too(platform: Flask, known: None, ready: None) -> None:
    with platform.app_context():
        user_id = session.scalar(text("SELECT id FROM ab_user WHERE username = 'school10001'"))
        session.rollback()
        assert written.written_by(user_id) == 0
        written.note(user_id)
        first = written.written_by(user_id)
        assert first
        queues.redis().eval(written._RAISE, 1, f"written:{user_id}", str(first - 8), "60")
        assert written.written_by(user_id) == first, "of two at once the later one counts"


def test_after_a_wipe_of_redis_nothing_is_taken_for_known(
    platform: Flask, school: Api, ready: None, sent: list[str]
) -> None:
    queues.redis().flushall()
    for _turn in range(2):
        _ids(school)
        assert not sent
    assert 0 < queues.redis().ttl("written:unsure") <= _SPENT + 5
    queues.redis().delete("written:unsure")
    _ids(school)
    assert sent


def test_without_redis_the_database_answers(platform: Flask, school: Api, ready: None, sent: list[str]) -> None:
    with _settings(redis_url="redis://127.0.0.1:1/0"), platform.app_context():
        assert written.written_by(1) is None
        written.note(1)


def test_a_download_holds_what_was_there_when_it_was_ordered(
    platform: Flask, pair: tuple[Server, Server], school: Api, ready: None, sent: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(sheets, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(standbys, "SILENCE", 1.5)

    def made() -> list[str]:
        number = int(school.get("/graduates/export?format=csv").get_json()["job_id"])
        sent.clear()
        with platform.app_context():
            assert background.run(number)
        return school.get(f"/jobs/{number}/sheet").data.decode("utf-8-sig").splitlines()

    until(lambda: made() and sent, "a worker reads from the standby")
    with _still(pair[1]), pair[0].connect(TEST) as connection:
        connection.execute("UPDATE graduates SET major = '订购前改的专业' WHERE level = 'undergraduate'")
        assert any("订购前改的专业" in line for line in made())
        assert not sent, "it waits for a while, then asks the database"


def _read(platform: Flask, statement: str) -> Any:
    """What a request that only reads is told."""
    with platform.app_context():
        begin_reading(lambda: (0, 1))
        try:
            return shown.scalar(text(statement))
        finally:
            end_reading()


def test_what_the_standby_breaks_off_is_asked_of_the_database(
    platform: Flask, pair: tuple[Server, Server], known: None, ready: None, sent: list[str], caplog: Any
) -> None:
    with pair[1].connect() as connection:
        connection.execute("ALTER SYSTEM SET max_standby_streaming_delay = '100ms'")
        connection.execute("SELECT pg_reload_conf()")
    told: list[Any] = []
    ask = "SELECT count(*) FROM (SELECT pg_sleep(1.5) FROM graduates LIMIT 1) AS slow"
    reader = threading.Thread(target=lambda: told.append(_read(platform, ask)))
    reader.start()
    until(lambda: sent)
    with pair[0].connect(TEST) as connection, connection.transaction():
        connection.execute("LOCK TABLE graduates IN ACCESS EXCLUSIVE MODE")
    reader.join()
    assert told == [1]
    assert "conflict with recovery" in caplog.text


def test_one_that_is_behind_is_not_asked_and_who_watches_is_told(
    platform: Flask, pair: tuple[Server, Server], school: Api, ready: None
) -> None:
    def doctor() -> Any:
        with platform.app_context():
            return next(one for one in findings() if one.part in ("standbys", "只读备库"))

    client = platform.test_client()
    watched = {"Authorization": f"Bearer {WATCHER}"}
    assert doctor().state == OK
    assert "notes" not in client.get("/ready").get_json()
    assert 'standby_read{standby="127.0.0.1' in client.get("/metrics", headers=watched).text
    with _settings(read_seconds=1), _still(pair[1]):
        added = _add(school, f"落后 {time.time_ns()}")
        _forget(school)
        until(lambda: added in _ids(school), "the database answers when the standby is too far behind")
        until(lambda: not _serves(platform))
        ready = client.get("/ready")
        assert ready.status_code == 200, "it decides nothing"
        assert len(ready.get_json()["notes"]) == 1
        assert "127.0.0.1" not in ready.text, "strangers are told no address"
        found = doctor()
        assert (found.state, str(pair[1].port) in found.text) == (WARNING, True)
        assert "} 0.0" in client.get("/metrics", headers=watched).text.split("standby_read{")[1].splitlines()[0]


def test_one_that_stands_still_holds_nobody_up(
    platform: Flask, pair: tuple[Server, Server], school: Api, ready: None, sent: list[str]
) -> None:
    pair[1].tell(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert _read(platform, "SELECT 7") == 7, "cut off, and asked again"
        assert time.monotonic() - began < standbys.SILENCE + 15
        until(lambda: not _serves(platform))
        sent.clear()
        assert _ids(school) is not None
        assert not sent
    finally:
        pair[1].tell(signal.SIGCONT)
    until(lambda: _serves(platform), "it answers again")


def test_one_with_other_tables_or_that_follows_nobody_is_not_asked(
    platform: Flask, pair: tuple[Server, Server], known: None, ready: None
) -> None:
    with platform.app_context(), _settings(read_urls=(pair[0].url(TEST), pair[1].url(TEST))):
        assert [one.problem for one in standbys.standings(db.engine)] == [standbys.LEADING, ""]
        assert standbys.fit(0, 0, db.engine) is standbys.fit(0, 1, db.engine) is standbys.standbys()[1]
    with _still(pair[1]), pair[0].connect(TEST) as connection:
        connection.execute("UPDATE alembic_version SET version_num = version_num || 'x'")
        until(lambda: not _serves(platform))
        connection.execute("UPDATE alembic_version SET version_num = rtrim(version_num, 'x')")


@pytest.mark.skipif(pgbouncer() is None, reason="no pgbouncer found (apt-get install pgbouncer; `make servers` does)")
def test_a_pooler_may_stand_before_it(
    platform: Flask, pair: tuple[Server, Server], servers: Servers, school: Api, ready: None
) -> None:
    with pooled(servers.postgres, "127.0.0.1", pair[1].port) as port:
        address = make_url(pair[1].url(TEST)).set(port=port).render_as_string()
        with _settings(read_urls=(address,)):
            until(lambda: _serves(platform))
            told: list[int] = []
            readers = [threading.Thread(target=lambda: told.append(_read(platform, "SELECT 7"))) for _turn in range(12)]
            for one in readers:
                one.start()
            for one in readers:
                one.join()
            assert told == [7] * 12
            for _turn in range(8):  # a driver that may would prepare it by now
                assert _ids(school) is not None
            (one,) = standbys.standbys()
            assert one.standing().problem == ""
            assert one.engine.pool.checkedin() > 0, "it was asked"  # type: ignore[attr-defined]


def test_one_that_dies_or_takes_over_is_not_asked(
    platform: Flask, pair: tuple[Server, Server], school: Api, ready: None, sent: list[str]
) -> None:
    standby = pair[1]
    until(lambda: _serves(platform))
    standby.kill()
    added = _add(school, f"备库没了 {time.time_ns()}")
    _forget(school)
    assert added in _ids(school), "the first who is refused asks the database"
    assert _read(platform, "SELECT 7") == 7
    standby.start()
    until(lambda: _serves(platform), "it is asked again once it follows")
    with standby.connect() as connection:
        connection.execute("SELECT pg_promote()")
    until(lambda: not _serves(platform))
    with platform.app_context():
        assert [one.problem for one in standbys.standings(db.engine)] == [standbys.LEADING]
    sent.clear()
    assert added in _ids(school)
    assert not sent


def test_where_there_is_none_nothing_is_asked_of_anybody(
    app: Flask, api: Callable[[str], Api], sql: psycopg.Connection
) -> None:
    assert settings_from({**os.environ, "DATABASE_READ_URL": ""}).read_urls == ()
    both = settings_from({**os.environ, "DATABASE_READ_URL": "postgresql://a/x postgresql://b/x"})
    assert both.read_urls == ("postgresql+psycopg://a/x", "postgresql+psycopg://b/x")
    with pytest.raises(SystemExit, match="DATABASE_READ_LAG"):
        settings_from({**os.environ, "DATABASE_READ_LAG": "0"})
    assert "app.web.standbys" not in {one.__module__ for every in app.before_request_funcs.values() for one in every}
    queues.redis().flushall()
    school = api("school10001")
    _add(school, "无备库")
    assert _ids(school)
    assert not list(queues.redis().scan_iter("written:*"))
    with app.app_context():
        assert shown._session() is session


def test_no_rule_reads_from_a_standby() -> None:
    """What decides is asked of the database: no guard, service or effect has `shown` at hand."""
    imported = re.compile(r"^from app\.base\.replicas import .*\bshown\b", re.MULTILINE)
    modules = [path for path in (ROOT / "app").rglob("*.py") if imported.search(path.read_text(encoding="utf-8"))]
    assert len(modules) > 10
    deciding = {"guards", "services", "effects", "workflow", "proof", "handlers", "jobs", "models"}
    assert [path for path in modules if deciding & {*path.relative_to(ROOT / "app").with_suffix("").parts}] == []
