"""The employment system is the master: what is done here arrives there, what is done there arrives here (R4.1, R4.7, R4.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.roster.imports.services.writing import commit_batch, undo_batch
from app.roster.models import Graduate, RosterCursor
from app.roster.services.graduates import remove_from_roster, restore_to_roster
from app.roster.services.pulling import pull_rosters
from tests.fixtures.standin import Standin
from tests.roster.conftest import Check, told_numbers
from tests.roster.sheets import id_number, sheet, student
from tests.signing.stage import Stage, fire


@pytest.fixture(autouse=True)
def _in_step(app_context: Flask, ems: Standin, drain: Callable[..., int]) -> None:
    """Both sides know the same at the start."""
    _wake()
    drain(failures=True)
    pull_rosters()


def _wake() -> None:
    from app.ems.client import ems as client

    client().channel.breaker.succeeded()


def graduate_of(exam_number: str) -> Graduate | None:
    query = select(Graduate).where(Graduate.exam_number == exam_number).options(*Graduate.eager_options())
    return session.scalar(query.execution_options(populate_existing=True))


def known(exam_number: str) -> Graduate:
    found = graduate_of(exam_number)
    assert found is not None
    return found


def place(graduate: Graduate) -> str:
    return f"/students/{graduate.school.code}/{graduate.cohort}/{graduate.exam_number}"


def there(ems: Standin, graduate: Graduate) -> dict[str, Any] | None:
    answer = ems.http.get(place(graduate))
    return None if answer.status_code == 404 else dict(answer.json()["student"])


def correct(ems: Standin, graduate: Graduate, **fields: Any) -> None:
    """School staff edit the student in the employment system."""
    ems.http.patch(place(graduate), json=fields).raise_for_status()


def committed(check: Check, school: Actor, *rows: dict[str, Any]) -> int:
    batch = check(sheet(*rows))
    assert batch.state == "ready", batch.errors
    return commit_batch(batch.id, actor=school).id


def demonstration(actor_of: Callable[[str], Actor], username: str) -> Graduate:
    key = actor_of(username).graduate_id
    query = select(Graduate).where(Graduate.id == key).options(*Graduate.eager_options())
    return session.scalars(query.execution_options(populate_existing=True)).one()


# Import and undo ----------------------------------------------------------------------------------------------------


def test_import_and_undo_arrive_there(check: Check, school: Actor, ems: Standin, drain: Callable[..., int]) -> None:
    old, new = student(), student()
    committed(check, school, old)
    drain()
    batch = committed(check, school, new, {**old, "姓名": "温书语"})
    drain()
    address = place(known(new["考生号"]))
    assert ems.http.get(address).json()["student"]["name"] == "温书言"
    assert (there(ems, known(old["考生号"])) or {})["name"] == "温书语"
    undo_batch(batch, actor=school)
    drain()
    assert ems.http.get(address).json()["student"]["removed"] is True
    assert (there(ems, known(old["考生号"])) or {})["name"] == "温书言"
    pull_rosters()
    assert graduate_of(new["考生号"]) is None, "what was undone does not come back"


def test_import_while_the_employment_system_is_down_is_delivered_later(
    check: Check, school: Actor, ems: Standin, drain: Callable[..., int]
) -> None:
    ems.fault("down")
    row = student()
    committed(check, school, row)
    drain(failures=True)
    pull_rosters()
    assert graduate_of(row["考生号"]) is not None
    ems.fault("none")
    _wake()
    assert there(ems, known(row["考生号"])) is None
    drain(failures=True)
    assert (there(ems, known(row["考生号"])) or {})["name"] == "温书言"


def test_older_word_of_theirs_does_not_overwrite_an_import_on_its_way(
    check: Check, school: Actor, ems: Standin, drain: Callable[..., int]
) -> None:
    row = student()
    committed(check, school, row)
    drain()
    pull_rosters()
    correct(ems, known(row["考生号"]), major="法学")
    committed(check, school, {**row, "专业": "哲学"})
    pull_rosters()
    assert known(row["考生号"]).major == "哲学"
    drain()
    pull_rosters()
    assert known(row["考生号"]).major == "哲学"
    assert (there(ems, known(row["考生号"])) or {})["major"] == "哲学"


def test_undo_before_the_pull_has_seen_the_import_keeps_the_students_away(
    check: Check, school: Actor, ems: Standin, drain: Callable[..., int]
) -> None:
    row = student()
    batch = committed(check, school, row)
    drain()
    undo_batch(batch, actor=school)
    pull_rosters()
    assert graduate_of(row["考生号"]) is None
    drain()
    pull_rosters()
    assert graduate_of(row["考生号"]) is None


# Corrections there --------------------------------------------------------------------------------------------------


def test_correction_there_arrives_here_but_not_in_a_submitted_case(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    stage = Stage("employer1", "graduate1", "dept10001a", "school10001")
    case = stage.bring("dept_review")
    graduate = demonstration(actor_of, "graduate1")
    department, before = case.department_id, dict(case.student or {})
    sex = "2" if graduate.sex == "1" else "1"
    correct(ems, graduate, sex=sex, department="考古文博学院", major="文物学", student_number="X20239999")
    pull_rosters()
    graduate = demonstration(actor_of, "graduate1")
    assert (graduate.sex, graduate.department.name, graduate.major) == (sex, "考古文博学院", "文物学")
    assert graduate.student_number == "X20239999"
    session.refresh(case)
    assert case.student == before
    assert case.department_id == department, "the department of the submission reviews"
    fire(case, "abort", stage.graduate)


def test_case_without_kept_data_moves_with_the_student(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
    case = stage.bring("invited")
    correct(ems, demonstration(actor_of, "graduate2"), department="外国语学院")
    pull_rosters()
    session.refresh(case)
    assert case.department_id == demonstration(actor_of, "graduate2").department_id
    fire(case, "decline", stage.graduate)


def test_mobile_and_email_of_the_activated_stay_those_of_the_others_follow(
    check: Check,
    school: Actor,
    actor_of: Callable[[str], Actor],
    ems: Standin,
    drain: Callable[..., int],
) -> None:
    activated = demonstration(actor_of, "graduate13")
    before = (activated.mobile, activated.email)
    row = student()
    committed(check, school, row)
    drain()
    for one in (activated, known(row["考生号"])):
        correct(ems, one, mobile="13912340000", email="new@student.invalid", address="新街口1号")
    pull_rosters()
    activated = demonstration(actor_of, "graduate13")
    assert (activated.mobile, activated.email) == before
    assert activated.address == "新街口1号"
    other = known(row["考生号"])
    assert (other.mobile, other.email) == ("13912340000", "new@student.invalid")
    assert told_numbers() == {row["手机号"]: "139****0000"}


def test_account_follows_a_corrected_id_number(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    graduate = demonstration(actor_of, "graduate15")
    correct(ems, graduate, id_number=id_number(911, sex=graduate.sex))
    pull_rosters()
    assert demonstration(actor_of, "graduate15").id_number == id_number(911, sex=graduate.sex)
    assert actor_of("graduate15").graduate_id == graduate.id


def test_student_added_there_appears_here(ems: Standin) -> None:
    told = {
        "exam_number": "23321111111111",
        "student_number": "2023777",
        "name": "上官雨",
        "sex": "2",
        "id_number": id_number(88, sex="2"),
        "ethnicity": "01",
        "political_status": "13",
        "department": "音乐学院",
        "major": "作曲",
        "education": "11",
        "duration": "3",
        "training_mode": "22",
        "graduated_on": "2027-06-30",
        "origin_region": "320102",
    }
    ems.http.put("/students/10284/2027/23321111111111", json=told).raise_for_status()
    pull_rosters()
    graduate = known("23321111111111")
    assert (graduate.name, graduate.department.name, graduate.level) == ("上官雨", "音乐学院", "postgraduate")
    assert (graduate.hardship, graduate.school.code, graduate.invalid_since) == ("0", "10284", None)


def test_what_breaks_a_rule_is_kept_out_and_told_until_it_is_mended(
    actor_of: Callable[[str], Actor], ems: Standin
) -> None:
    graduate = demonstration(actor_of, "graduate16")
    correct(ems, graduate, ethnicity="ZZ", address="新的地址")
    ems.http.put(
        "/students/10284/2027/23329999999999",
        json={
            "name": "闻",
            "sex": "1",
            "id_number": "1",
            "department": "x",
            "major": "y",
            "education": "31",
            "training_mode": "1",
        },
    ).raise_for_status()
    pull_rosters()
    after = demonstration(actor_of, "graduate16")
    assert (after.ethnicity, after.address) == (graduate.ethnicity, "新的地址")
    assert graduate_of("23329999999999") is None
    cursor = session.get(RosterCursor, (graduate.school_id, 2027), populate_existing=True)
    assert cursor is not None
    assert set(cursor.problems) == {graduate.exam_number, "23329999999999"}
    assert "民族" in cursor.problems[graduate.exam_number]
    assert "身份证" in cursor.problems["23329999999999"]
    correct(ems, graduate, ethnicity="02")
    pull_rosters()
    session.refresh(cursor)
    assert set(cursor.problems) == {"23329999999999"}
    assert demonstration(actor_of, "graduate16").ethnicity == "02"


def test_roster_of_a_school_that_is_not_ours_is_passed_over(ems: Standin) -> None:
    body = {"name": "a", "sex": "1", "id_number": "1", "department": "x", "major": "y", "education": "31"}
    ems.http.put("/students/99999/2027/23329999999998", json={**body, "training_mode": "1"}).raise_for_status()
    pull_rosters()
    assert graduate_of("23329999999998") is None


def test_pull_goes_on_where_it_stopped(
    check: Check, school: Actor, ems: Standin, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.roster.services import pulling

    rows = [student() for _ in range(5)]
    committed(check, school, *rows)
    drain()
    pull_rosters()
    for row in rows:
        correct(ems, known(row["考生号"]), address="同一条街")
    monkeypatch.setattr(pulling, "PAGE", 2)
    assert pull_rosters(seconds=60) == 5
    assert {known(row["考生号"]).address for row in rows} == {"同一条街"}
    assert pull_rosters() == 0, "nothing moved, nothing is read"


def test_silent_employment_system_changes_nothing(ems: Standin) -> None:
    for mode in ("down", "500", "garbage"):
        ems.fault(mode)
        assert pull_rosters() == 0
        _wake()


def test_one_page_and_its_place_are_one_transaction(
    actor_of: Callable[[str], Actor], ems: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.roster.services import pulling

    graduate = demonstration(actor_of, "graduate13")
    correct(ems, graduate, address="第一次", major="天文学")
    before = session.get(RosterCursor, (graduate.school_id, graduate.cohort), populate_existing=True)
    place_before, address = (before.cursor if before else 0), graduate.address
    monkeypatch.setattr(pulling, "_activated", lambda _graduates: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pull_rosters()
    monkeypatch.undo()
    cursor = session.get(RosterCursor, (graduate.school_id, graduate.cohort), populate_existing=True)
    assert cursor is not None
    assert cursor.cursor == place_before
    assert demonstration(actor_of, "graduate13").address == address
    pull_rosters()
    assert demonstration(actor_of, "graduate13").address == "第一次"


# Removal and restoration --------------------------------------------------------------------------------------------


def test_removal_there_makes_everything_invalid_and_restoration_brings_it_back(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    stage = Stage("employer1", "graduate3", "dept10001a", "school10001")
    case = stage.bring("signed")
    drain()
    address = place(demonstration(actor_of, "graduate3"))
    ems.http.delete(address).raise_for_status()
    pull_rosters()
    session.refresh(case)
    assert case.state == "signed"
    assert case.invalid_since is not None
    with pytest.raises(Conflict) as refusal:
        fire(case, "void", stage.school, reason="x")
    assert refusal.value.code == "invalid"
    reports = _reports(ems, address)
    ems.http.post(f"{address}/restore").raise_for_status()
    pull_rosters()
    session.refresh(case)
    assert (case.state, case.invalid_since) == ("signed", None)
    assert demonstration(actor_of, "graduate3").invalid_since is None
    drain()
    assert _reports(ems, address) == reports + 1, "what was reported is reported again"
    fire(case, "void", stage.school, reason="测试")


def _reports(ems: Standin, address: str) -> int:
    """How many reports of a destination took effect there."""
    import httpx

    return httpx.get(f"{ems.url}{address}").text.count("签就业协议形式就业")


def test_removal_and_restoration_here_arrive_there(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    stage = Stage("employer2", "graduate4", "dept10001b", "school10001")
    case = stage.bring("school_review")
    graduate = demonstration(actor_of, "graduate4")
    school = actor_of("school10001")
    removed = remove_from_roster(graduate.id, actor=school)
    assert removed.invalid_since is not None
    pull_rosters()
    assert demonstration(actor_of, "graduate4").invalid_since is not None, "our word is still on its way"
    drain()
    assert (there(ems, graduate) or {})["removed"] is True
    pull_rosters()
    with pytest.raises(Conflict):
        remove_from_roster(graduate.id, actor=school)
    restored = restore_to_roster(graduate.id, actor=school)
    assert restored.invalid_since is None
    session.refresh(case)
    assert (case.state, case.invalid_since) == ("school_review", None)
    drain()
    assert (there(ems, graduate) or {})["removed"] is False
    pull_rosters()
    assert demonstration(actor_of, "graduate4").invalid_since is None
    with pytest.raises(Conflict) as refusal:
        restore_to_roster(graduate.id, actor=school)
    assert refusal.value.code == "not_removed"
    fire(case, "reject", stage.school, reason_code="9", reason="测试")


def test_restoration_keeps_corrections_made_there(
    actor_of: Callable[[str], Actor], ems: Standin, drain: Callable[..., int]
) -> None:
    graduate, school = demonstration(actor_of, "graduate5"), actor_of("school10001")
    correct(ems, graduate, address="改过的地址")
    remove_from_roster(graduate.id, actor=school)
    restore_to_roster(graduate.id, actor=school)
    drain()
    pull_rosters()
    assert demonstration(actor_of, "graduate5").address == "改过的地址"


def test_restoration_of_a_student_unknown_there_uploads_the_row(
    check: Check, school: Actor, ems: Standin, drain: Callable[..., int]
) -> None:
    from app.workflow.models import OutboxMessage

    row = student()
    committed(check, school, row)
    with transaction():
        for message in session.scalars(select(OutboxMessage).where(OutboxMessage.status != "done")):
            session.delete(message)
    graduate = known(row["考生号"])
    assert there(ems, graduate) is None
    remove_from_roster(graduate.id, actor=school)
    drain()
    restore_to_roster(graduate.id, actor=school)
    drain()
    assert (there(ems, graduate) or {})["name"] == "温书言"


@pytest.mark.parametrize("change", [remove_from_roster, restore_to_roster])
@pytest.mark.parametrize(
    ("account", "refusal"),
    [
        ("school10002", NotFound),
        ("province32", NotFound),
        ("dept10001a", NotFound),
        ("employer1", NotFound),
        ("graduate2", NotFound),
        ("province11", Forbidden),
        ("dept10001b", Forbidden),
        ("operator", Forbidden),
        ("graduate6", Forbidden),
    ],
)
def test_only_the_own_school_changes_the_roster(
    actor_of: Callable[[str], Actor], change: Any, account: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        change(actor_of("graduate6").graduate_id, actor=actor_of(account))
