"""The real client against the real stand-in: what it reads, what it makes of faults, how long it waits."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from app.base.breaker import Breaker
from app.ems.client import EmsClient
from app.ems.messages import Destination, EmsRefused, EmsStudent, EmsUnavailable, StudentKey
from tests.fixtures.patience import ends_within
from tests.fixtures.standin import Standin
from trial.places import free_port

Build = Callable[..., dict[str, Any]]
SIGNED = Destination(
    code="10",
    label="签就业协议形式就业",
    employer="北京云帆数据科技有限公司",
    uscc="91110108MA01A2B3XC",
    nature="39",
    industry="34",
    region="110108",
    category="13",
    contact="陈经理",
    phone="010-66668888",
    address="北京市海淀区示例路1号",
)
PENDING = Destination(code="70", label="待就业")


@pytest.fixture
def client(standin: Standin) -> Iterator[EmsClient]:
    """A client with a breaker that nobody has tripped."""
    made = EmsClient(standin.url, standin.token)
    yield made
    made.close()


@pytest.fixture
def student(client: EmsClient, school: str, student_of: Build) -> EmsStudent:
    """An invented student who is on the roster there."""
    fields = student_of()
    fields["graduated_on"] = date.fromisoformat(fields["graduated_on"])
    return client.put_student(EmsStudent(school=school, cohort=2027, **fields))


def report(client: EmsClient, student: EmsStudent, told: Destination, number: int, key: str = "") -> bool:
    """Report and say whether it took effect."""
    idempotency_key = key or f"test:{student.school}:{number}"
    outcome = client.report_destination(student.key, told, sequence=number, idempotency_key=idempotency_key)
    return outcome.applied


def history(standin: Standin, student: EmsStudent) -> str:
    """The student's page, which lists every report that took effect."""
    key = student.key
    return httpx.get(f"{standin.url}/students/{key.school}/{key.cohort}/{key.exam_number}").text


def test_what_is_written_is_read_back(client: EmsClient, student: EmsStudent) -> None:
    assert client.student(student.key) == student
    changed = client.put_student(replace(student, department="数学科学学院"))
    assert changed.department == "数学科学学院"
    assert client.change_contact(student.key, "13900000002", None).mobile == "13900000002"
    assert client.remove_student(student.key).removed
    assert not client.restore_student(student.key).removed


def test_a_report_is_seen_with_the_student_in_one_call(
    client: EmsClient, student: EmsStudent, standin: Standin
) -> None:
    assert client.view(student.key).destination is None
    assert report(client, student, SIGNED, 5)
    before = standin.calls()
    view = client.view(student.key)
    assert standin.calls() == before + 1
    assert view.destination is not None
    assert view.destination.told() | {"reported_at": None} == SIGNED.told() | {"reported_at": None}
    assert view.destination.sequence == 5


def test_a_report_that_is_repeated_has_one_effect(client: EmsClient, student: EmsStudent, standin: Standin) -> None:
    for _again in range(3):
        assert report(client, student, SIGNED, 5, "once")
    assert report(client, student, PENDING, 6)
    assert report(client, student, SIGNED, 5, "once"), "the old answer again"
    found = client.view(student.key).destination
    assert found is not None
    assert found.code == "70"
    assert history(standin, student).count("北京云帆数据科技有限公司") == 1


def test_a_late_report_never_wins(client: EmsClient, student: EmsStudent) -> None:
    assert report(client, student, PENDING, 9)
    assert not report(client, student, SIGNED, 8)
    assert not report(client, student, SIGNED, 9, "other-key")
    found = client.view(student.key).destination
    assert found is not None
    assert (found.code, found.sequence) == ("70", 9)


def test_of_many_reports_at_once_the_last_in_order_stays(client: EmsClient, student: EmsStudent) -> None:
    def send(number: int) -> bool:
        return report(client, student, replace(SIGNED, employer=f"单位{number}"), number)

    numbers = [n for n in range(1, 25) for _twice in range(2)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, reversed(numbers)))
    found = client.view(student.key).destination
    assert found is not None
    assert (found.employer, found.sequence) == ("单位24", 24)


def test_a_key_cannot_be_used_for_something_else(client: EmsClient, student: EmsStudent) -> None:
    assert report(client, student, SIGNED, 5, "mine")
    with pytest.raises(EmsRefused) as refused:
        report(client, student, PENDING, 6, "mine")
    assert refused.value.code == "key_reused"


def test_a_report_of_a_removed_student_comes_back_with_the_student(client: EmsClient, student: EmsStudent) -> None:
    client.remove_student(student.key)
    outcome = client.report_destination(student.key, SIGNED, sequence=3, idempotency_key=f"r:{student.school}")
    assert outcome.applied
    assert outcome.removed
    client.restore_student(student.key)
    found = client.view(student.key).destination
    assert found is not None
    assert found.code == "10"


def test_refusals_carry_code_and_fields(client: EmsClient, student: EmsStudent) -> None:
    with pytest.raises(EmsRefused) as unknown:
        client.student(replace(student, exam_number="27110001555555").key)
    assert (unknown.value.status, unknown.value.code) == (404, "unknown_student")
    with pytest.raises(EmsRefused) as wrong:
        client.put_student(replace(student, training_mode="2"))
    assert list(wrong.value.errors) == ["training_mode"]


@pytest.mark.parametrize("mode", ["down", "500", "garbage", "lost"])
def test_a_fault_is_unavailable_and_the_repetition_has_one_effect(
    client: EmsClient, student: EmsStudent, standin: Standin, mode: str
) -> None:
    standin.fault(mode)
    with pytest.raises(EmsUnavailable):
        report(client, student, SIGNED, 5)
    standin.fault("none")
    assert report(client, student, SIGNED, 5)
    assert history(standin, student).count("北京云帆数据科技有限公司") == 1 + 1, "as reported now, and once before"


@pytest.mark.parametrize(("mode", "seconds"), [("slow", 5.0), ("timeout", 5.0), ("drip", 0.1)])
def test_a_page_waits_two_seconds_at_most(
    client: EmsClient, student: EmsStudent, standin: Standin, mode: str, seconds: float
) -> None:
    standin.fault(mode, count=1, seconds=seconds)
    with ends_within(2), pytest.raises(EmsUnavailable):
        client.view(student.key)
    assert client.view(student.key).student.name == student.name


def test_a_silent_address_and_a_dead_port_are_unavailable() -> None:
    key = StudentKey("10001", 2027, "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = EmsClient(f"http://127.0.0.1:{silent.getsockname()[1]}", "t")
        with ends_within(2), closing(client), pytest.raises(EmsUnavailable):
            client.view(key)
    dead = EmsClient(f"http://127.0.0.1:{free_port()}", "t")
    with closing(dead), pytest.raises(EmsUnavailable):
        dead.view(key)


def test_after_some_failures_nobody_waits_until_the_rest_is_over(standin: Standin, student: EmsStudent) -> None:
    client = EmsClient(standin.url, standin.token, Breaker(limit=3, rest=0.6))
    standin.fault("down")
    for _try in range(6):
        with pytest.raises(EmsUnavailable):
            client.view(student.key)
    assert standin.calls() == 3
    standin.fault("none")
    with pytest.raises(EmsUnavailable):
        client.view(student.key)
    time.sleep(0.7)
    with closing(client):
        assert client.view(student.key).student.name == student.name
        assert client.view(student.key).student.name == student.name


def test_a_broken_connection_is_tried_again_at_once(client: EmsClient, student: EmsStudent, standin: Standin) -> None:
    standin.fault("lost", count=1)
    assert report(client, student, SIGNED, 5)
    assert standin.calls() == 2


def test_the_wrong_token_is_unavailable_not_refused(standin: Standin, student: EmsStudent) -> None:
    stranger = EmsClient(standin.url, "wrong")
    with closing(stranger), pytest.raises(EmsUnavailable, match="401"):
        stranger.view(student.key)


def test_changes_are_paged_and_rosters_tell_the_cursor(client: EmsClient, student: EmsStudent, school: str) -> None:
    more = [replace(student, exam_number=f"2711000100{n:04d}") for n in range(2, 30)]
    outcome = client.put_students(school, 2027, more)
    assert (outcome.new, outcome.changed, outcome.unchanged) == (28, 0, 0)
    first = client.changes_since(school, 2027, 0, limit=20)
    assert len(first.students) == 20
    assert first.more
    second = client.changes_since(school, 2027, first.cursor, limit=20)
    assert len(second.students) == 9
    assert [row.cursor for row in client.rosters() if row.school == school] == [second.cursor]
    client.tell_switch(school, 2027, True)
    assert [row.switch_open for row in client.rosters() if row.school == school] == [True]
