"""Workers killed in the middle of a delivery: nothing is lost, nothing comes twice (R10.2)."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from app.base.database import session, transaction
from app.base.settings import settings
from app.notices import services
from app.notices.messages import post_message
from app.workflow import delivery, outbox, queues
from app.workflow.models import OutboxMessage
from tests.fixtures.outbox import end_waiting, run_jobs
from tests.fixtures.patience import PATIENCE, until
from tests.notices.ledger import Ledger
from tests.notices.provider import Provider
from tests.notices.signings import Story

StartWorker = Callable[..., subprocess.Popen[bytes]]
SEND = "/cgi-bin/message/template/send"
pytestmark = pytest.mark.slow


@pytest.fixture
def story(app_context: Flask, actor_of: Callable[[str], object], drain: Callable[..., int]) -> Iterator[Story]:
    """Signings to tell of; nothing else waits for a worker."""
    drain(failures=True)
    with transaction():
        for message in session.scalars(select(OutboxMessage).where(OutboxMessage.status != "done")):
            session.delete(message)
    with queues.redis() as connection:
        connection.flushall()
    story = Story(actor_of)  # type: ignore[arg-type]
    yield story
    story.end()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """WeChat, on this machine."""
    with Provider() as running:
        running.answer("/cgi-bin/stable_token", {"access_token": "T1", "expires_in": 7200})
        running.answer(SEND, {"errcode": 0, "msgid": 4711})
        yield running


def kill(worker: subprocess.Popen[bytes]) -> None:
    """As the power goes: no signal handler runs; its forked job dies with it."""
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)


def wait_for(sql: psycopg.Connection, query: str, expected: object, *, sweeping: bool = False) -> None:
    """Wait until the query's first value is as expected; `sweeping` as the clock does when nothing waits any more."""
    found: object = None

    def as_expected() -> bool:
        nonlocal found
        row = sql.execute(query).fetchone()  # type: ignore[arg-type]
        found = row[0] if row else None
        if found != expected and sweeping and len(queues.queue("notices")) == 0:
            take_up_what_is_left(sql)
        return found == expected

    until(as_expected, lambda: f"{query}: {found!r} instead of {expected!r}", pause=0.1)


def take_up_what_is_left(sql: psycopg.Connection) -> None:
    """What the sweeper does by the clock, without waiting for the time of grace."""
    end_waiting(sql)
    delivery.sweep()


def post_notices(story: Story, number: int) -> int:
    """Leave many notices of one invitation in the outbox; returns the case's id."""
    case = story.invite("graduate7")
    with transaction():
        for position in range(number):
            outbox.post(
                "notice",
                {"template": "invitation_received", "to": ["graduate"], "event": f"test{position}"}
                | {"workflow": "online_signing", "case_id": case.id},
                key=f"killed:{case.id}:{position}",
                workflow="online_signing",
                case_id=case.id,
            )
    return case.id


def test_a_worker_killed_between_two_writes_leaves_nothing_half_done(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection, servers: object
) -> None:
    case = story.invite("graduate7")
    inbox = f"SELECT count(*) FROM notifications WHERE case_id = {case.id}"
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'notice_deliveries'::regclass"
    blocker = psycopg.connect(sql.info.dsn)
    with blocker:
        blocker.execute("LOCK TABLE notice_deliveries IN ACCESS EXCLUSIVE MODE")
        worker = start_worker("notices")
        wait_for(sql, waiting, 1)  # the inbox entry is written, the delivery is not
        kill(worker)
        assert sql.execute(inbox).fetchone() == (0,)
    wait_for(sql, "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'", 0)
    assert sql.execute(inbox).fetchone() == (0,)
    assert sql.execute("SELECT status FROM outbox WHERE case_id = %s", (case.id,)).fetchone() == ("queued",)
    start_worker("notices")
    take_up_what_is_left(sql)
    wait_for(sql, f"SELECT count(*) FROM outbox WHERE case_id = {case.id} AND status = 'done'", 2)
    assert sql.execute(inbox).fetchone() == (1,)
    sent = f"SELECT count(*) FROM notice_deliveries d JOIN notifications n ON n.id = d.notification_id AND n.case_id = {case.id}"
    assert sql.execute(sent).fetchone() == (1,)


def test_a_worker_killed_while_the_provider_answers_sends_again_and_records_once(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection, provider: Provider
) -> None:
    services.bind_address("wechat", "oKILLED", actor=story.actor_of("graduate7"))
    settings = {
        "WECHAT_APP_ID": "wx1",
        "WECHAT_APP_SECRET": "s",
        "WECHAT_TEMPLATE_ID": "T",
        "WECHAT_BASE_URL": provider.url,
    }
    provider.pause = 3600
    case = story.invite("graduate7")
    worker = start_worker("notices", **settings)
    until(lambda: provider.requests, "nothing was sent")
    kill(worker)
    provider.pause = 0
    state = f"SELECT d.status FROM notice_deliveries d JOIN notifications n ON n.id = d.notification_id WHERE n.case_id = {case.id}"
    assert sql.execute(state).fetchone() == ("queued",)
    start_worker("notices", **settings)
    take_up_what_is_left(sql)
    wait_for(sql, state, "sent")
    rows = sql.execute(state.replace("d.status", "count(*), min(d.receipt)")).fetchone()
    assert rows == (1, "4711")
    keys = {request.body["client_msg_id"] for request in provider.sent_to(SEND)}
    assert len(keys) == 1, "the provider can see that it is the same message"


def test_two_workers_on_one_queue_deliver_each_message_once(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection
) -> None:
    case_id = post_notices(story, 40)
    for _ in range(3):  # the same tickets again and again
        take_up_what_is_left(sql)
    start_worker("notices")
    start_worker("notices")
    wait_for(sql, f"SELECT count(*) FROM outbox WHERE case_id = {case_id} AND status = 'queued'", 0)
    counts = f"SELECT count(*), count(DISTINCT outbox_id) FROM notifications WHERE case_id = {case_id}"
    assert sql.execute(counts).fetchone() == (41, 41)
    assert sql.execute("SELECT count(*) FROM outbox WHERE status = 'done' AND attempts <> 1").fetchone() == (0,)


def test_a_storm_of_kills_loses_nothing_and_doubles_nothing(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection
) -> None:
    case_id = post_notices(story, 80)
    done = f"SELECT count(*) FROM outbox WHERE case_id = {case_id} AND kind = 'notice' AND status = 'done'"

    def delivered() -> int:
        row = sql.execute(done).fetchone()  # type: ignore[arg-type]
        return int(row[0]) if row else 0

    dice = random.Random(7)
    for _ in range(3):
        worker = start_worker("notices")
        take_up_what_is_left(sql)
        before = delivered()
        until(lambda was=before: delivered() > was or was == 81, "it delivers nothing", pause=0.01)
        time.sleep(dice.uniform(0, 0.15))
        kill(worker)
    start_worker("notices")
    take_up_what_is_left(sql)
    left = f"SELECT count(*) FROM outbox WHERE case_id = {case_id} AND status <> 'done'"
    wait_for(sql, left, 0, sweeping=True)  # a killed worker had written messages that it could not enqueue any more
    counts = f"SELECT count(*), count(DISTINCT outbox_id) FROM notifications WHERE case_id = {case_id}"
    assert sql.execute(counts).fetchone() == (81, 81)


def test_the_clock_brings_back_what_a_killed_worker_had_in_hand(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection
) -> None:
    case = story.invite("graduate7")
    with queues.redis() as connection:
        connection.flushall()  # as if the worker had taken the job and died
    end_waiting(sql)  # the time of grace is over
    start_worker("notices", "clock")
    wait_for(sql, f"SELECT count(*) FROM notifications WHERE case_id = {case.id}", 1)


def test_what_was_committed_while_redis_was_away_is_delivered(
    app: Flask, story: Story, sql: psycopg.Connection, change_settings: Callable[..., None]
) -> None:
    there = settings().redis_url
    change_settings(redis_url="unix:///nonexistent/redis.sock")
    case = story.invite("graduate7")
    change_settings(redis_url=there)
    assert len(queues.queue("notices")) == 0
    take_up_what_is_left(sql)
    run_jobs(app)
    assert sql.execute("SELECT count(*) FROM notifications WHERE case_id = %s", (case.id,)).fetchone() == (1,)


def test_a_worker_killed_in_the_middle_of_a_batch_of_short_messages_sends_none_twice(
    story: Story, start_worker: StartWorker, sql: psycopg.Connection, provider: Provider
) -> None:
    ledger = Ledger()
    provider.answer("/", ledger)
    settings = {"SMS_ACCESS_KEY": "AK", "SMS_ACCESS_SECRET": "SK", "SMS_SIGN_NAME": "n", "SMS_TEMPLATE_CODE": "S"}
    settings["SMS_BASE_URL"] = provider.url
    numbers = [f"1380000{one:04d}" for one in range(40)]
    with transaction():
        for one in numbers:
            facts = {"unit": "云帆", "graduates": "1"}
            post_message("offline_copy_from_unit", one, facts, key=f"killed:{one}", reader="graduate")
    ledger.silent.set()  # it takes all of them, and nobody here learns of it
    worker = start_worker("notices", **settings)
    until(lambda: len(ledger.taken) == 40, "nothing was sent")
    kill(worker)
    ledger.silent.clear()
    assert sql.execute("SELECT count(*) FROM outbox WHERE kind = 'letter' AND status = 'queued'").fetchone() == (40,)
    start_worker("notices", **settings)
    take_up_what_is_left(sql)
    wait_for(sql, "SELECT count(*) FROM outbox WHERE kind = 'letter' AND status = 'done'", 40, sweeping=True)
    assert sorted(number for number, _own in ledger.taken) == numbers
    assert ledger.calls == {"SendBatchSms": 1, "QuerySendDetails": 40}
