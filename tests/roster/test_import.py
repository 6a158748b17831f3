"""A sheet becomes part of the roster: new and changed rows, all or nothing, and back again (R4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access.actors import Actor
from app.base.cohorts import current_cohort
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.roster.imports.queries import dry_rows
from app.roster.imports.services.batches import receive_sheet
from app.roster.imports.services.writing import commit_batch, undo_batch
from app.roster.models import BatchPart, Graduate, RosterBatch
from app.roster.services.graduates import set_roster_presence
from app.schools.models import Department
from app.workflow.models import OutboxMessage
from tests.roster.conftest import Check, told_numbers
from tests.roster.sheets import id_number, sheet, student


def found(row: dict[str, Any]) -> Graduate | None:
    query = select(Graduate).where(Graduate.exam_number == row["考生号"]).options(*Graduate.eager_options())
    return session.scalar(query.execution_options(populate_existing=True))


def one(row: dict[str, Any]) -> Graduate:
    graduate = found(row)
    assert graduate is not None
    return graduate


def import_all(check: Check, school: Actor, *rows: dict[str, Any]) -> RosterBatch:
    batch = check(sheet(*rows))
    assert batch.state == "ready", batch.errors
    return commit_batch(batch.id, actor=school)


def test_new_students_come_with_everything_in_its_place(check: Check, school: Actor) -> None:
    rows = [
        student(院系="水利学院", 专业="水\\利\t学".replace("\t", " ")),
        student(学历="11", 手机号="", 困难生类别=""),
    ]
    batch = check(sheet(*rows))
    assert (batch.state, batch.new, batch.changed, batch.unchanged) == ("ready", 2, 0, 0)
    assert [name for _key, name in batch.departments] == ["历史学院", "水利学院"]
    assert found(rows[0]) is None, "a dry run writes nothing"
    assert session.scalar(select(Department).where(Department.name == "水利学院")) is None
    assert commit_batch(batch.id, actor=school).state == "committed"
    first, second = one(rows[0]), one(rows[1])
    assert (first.name, first.department.name, first.school.code) == ("温书言", "水利学院", "10284")
    assert first.major == "水\\利 学"
    assert (first.level, second.level) == ("undergraduate", "postgraduate")
    assert first.id_number == rows[0]["身份证号"]
    assert bytes(first.id_number_index) == blind_index(rows[0]["身份证号"])
    assert (first.mobile, second.mobile, second.hardship) == ("13800138000", None, "0")
    assert first.province_id == first.school.province_id
    assert first.graduated_on.isoformat() == rows[0]["毕业时间"]
    assert first.invalid_since is None
    assert first.confirmed_at is None


def test_personal_data_of_a_dry_run_are_not_readable_in_the_database(check: Check, sql: Any) -> None:
    row = student(姓名="司马清扬")
    batch = check(sheet(row))
    stored = sql.execute("SELECT after FROM roster_batch_parts WHERE batch_id = %s", (batch.id,)).fetchone()[0]
    assert row["身份证号"].encode() not in bytes(stored)
    assert "司马清扬".encode() not in bytes(stored)
    assert sql.execute("SELECT sheet FROM roster_batches WHERE id = %s", (batch.id,)).fetchone() == (None,)
    assert dry_rows(batch, "new", 0)[0].values["id_number"] == row["身份证号"]


def test_who_is_absent_stays_and_the_same_sheet_again_changes_nothing(check: Check, school: Actor) -> None:
    rows = [student(), student()]
    import_all(check, school, *rows)
    before = one(rows[0]).updated_at
    again = check(sheet(rows[0]))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    commit_batch(again.id, actor=school)
    assert one(rows[0]).updated_at == before
    assert found(rows[1]) is not None


def test_changed_rows_show_what_differs_before_anything_is_written(check: Check, school: Actor) -> None:
    row = student()
    import_all(check, school, row)
    changed = {
        **row,
        "姓名": "温书语",
        "院系": "考古文博学院",
        "学历": "11",
        "身份证号": id_number(700),
        "手机号": "13900139000",
    }
    batch = check(sheet(changed))
    assert (batch.new, batch.changed) == (0, 1)
    (shown,) = dry_rows(batch, "changed", 0)
    differences = {name: (before, after) for name, before, after in shown.differences}
    assert differences["name"] == ("温书言", "温书语")
    assert differences["department"] == ("历史学院", "考古文博学院")
    assert differences["mobile"] == ("138****8000", "139****9000")
    assert "*" in differences["id_number"][0]
    assert set(differences) == {"name", "department", "education", "id_number", "mobile"}
    assert one(row).name == "温书言"
    commit_batch(batch.id, actor=school)
    after = one(row)
    assert (after.name, after.department.name, after.level) == ("温书语", "考古文博学院", "postgraduate")
    assert after.id_number == id_number(700)
    assert bytes(after.id_number_index) == blind_index(id_number(700))
    assert told_numbers() == {"13800138000": "139****9000"}  # who was reached before hears of it


def test_empty_optional_cells_keep_what_is_there(check: Check, school: Actor) -> None:
    row = student(困难生类别="2")
    import_all(check, school, row)
    blank = dict.fromkeys(("手机号", "电子邮箱", "家庭住址", "困难生类别", "师范生类别"), "")
    assert check(sheet({**row, **blank})).unchanged == 1


def test_mobile_and_email_of_an_activated_graduate_are_never_overwritten(
    check: Check, actor_of: Callable[[str], Actor]
) -> None:
    """R1.10: the roster's mobile only serves the activation."""
    school = actor_of("school10284")
    graduate = session.get_one(Graduate, actor_of("graduate13").graduate_id, options=Graduate.eager_options())
    before = (graduate.mobile, graduate.email)
    row = student(
        考生号=graduate.exam_number,
        学号=graduate.student_number,
        姓名=graduate.name,
        性别=graduate.sex,
        身份证号=graduate.id_number,
        手机号="13912345678",
        电子邮箱="other@student.invalid",
        家庭住址="新的地址1号",
    )
    batch = check(sheet(row))
    assert batch.changed == 1
    fields = {name for name, _before, _after in dry_rows(batch, "changed", 0)[0].differences}
    assert "address" in fields
    assert not fields & {"mobile", "email"}
    commit_batch(batch.id, actor=school)
    session.refresh(graduate)
    assert (graduate.mobile, graduate.email) == before
    assert graduate.address == "新的地址1号"
    undo_batch(batch.id, actor=school)


def test_account_goes_along_with_a_corrected_id_number(check: Check, actor_of: Callable[[str], Actor]) -> None:
    graduate = session.get_one(Graduate, actor_of("graduate14").graduate_id, options=Graduate.eager_options())
    sex = "1" if int(graduate.id_number[16]) % 2 else "2"
    row = {
        **student(),
        "考生号": graduate.exam_number,
        "身份证号": id_number(321, sex=sex),
        "性别": sex,
        "届别": str(graduate.cohort),
    }
    batch = check(sheet(row))
    commit_batch(batch.id, actor=actor_of("school10284"))
    assert actor_of("graduate14").graduate_id == graduate.id
    undo_batch(batch.id, actor=actor_of("school10284"))
    assert actor_of("graduate14").graduate_id == graduate.id


def test_uploading_a_removed_student_again_brings_back(check: Check, school: Actor) -> None:
    row = student()
    import_all(check, school, row)
    graduate = set_roster_presence(one(row).id, present=False, actor=school)
    assert graduate.invalid_since is not None
    batch = check(sheet(row))
    assert dry_rows(batch, "changed", 0)[0].differences == [["on_roster", False, True]]
    commit_batch(batch.id, actor=school)
    assert one(row).invalid_since is None
    undo_batch(batch.id, actor=school)
    assert one(row).invalid_since is not None


def test_same_exam_number_in_another_cohort_is_another_student(check: Check, school: Actor) -> None:
    row = student()
    other = {**row, "届别": str(current_cohort() - 1), "毕业时间": f"{current_cohort() - 1}-06-30"}
    import_all(check, school, row, other)
    cohorts = session.scalars(select(Graduate.cohort).where(Graduate.exam_number == row["考生号"])).all()
    assert sorted(cohorts) == [current_cohort() - 1, current_cohort()]


# Commit -------------------------------------------------------------------------------------------------------------


def test_refused_and_unchecked_batches_cannot_be_committed(check: Check, school: Actor) -> None:
    refused = check(sheet(student(培养方式="2")))
    assert refused.state == "refused"
    with pytest.raises(Conflict):
        commit_batch(refused.id, actor=school)
    waiting = receive_sheet(sheet(student()), "x.xlsx", actor=school)
    with pytest.raises(Conflict):
        commit_batch(waiting.id, actor=school)


def test_second_commit_is_refused(check: Check, school: Actor) -> None:
    batch = import_all(check, school, student())
    with pytest.raises(Conflict) as refusal:
        commit_batch(batch.id, actor=school)
    assert refusal.value.code == "wrong_state"


def test_roster_that_has_changed_since_the_check_refuses_the_commit(check: Check, school: Actor) -> None:
    row, fresh = student(), student()
    import_all(check, school, row)
    stale = check(sheet({**row, "姓名": "温书雅"}, fresh))
    with transaction():
        one(row).address = "别处"
    with pytest.raises(Conflict) as refusal:
        commit_batch(stale.id, actor=school)
    assert refusal.value.code == "stale"
    assert found(fresh) is None, "nothing of the batch is written"
    assert one(row).name == "温书言"


def test_two_batches_with_the_same_new_student_give_one(check: Check, school: Actor) -> None:
    row, other = student(), student()
    first, second = check(sheet(row)), check(sheet(other, row))
    commit_batch(first.id, actor=school)
    with pytest.raises(Conflict) as refusal:
        commit_batch(second.id, actor=school)
    assert refusal.value.code == "stale"
    session.rollback()
    assert found(other) is None


def test_two_batches_with_the_same_new_department(check: Check, school: Actor) -> None:
    first, second = check(sheet(student(院系="天文学院"))), check(sheet(student(院系="天文学院")))
    commit_batch(first.id, actor=school)
    with pytest.raises(Conflict):
        commit_batch(second.id, actor=school)
    session.rollback()
    assert session.scalar(select(func.count()).where(Department.name == "天文学院")) == 1


def test_commit_tells_the_employment_system_by_ids_only(check: Check, school: Actor) -> None:
    rows = [student(), student()]
    batch = import_all(check, school, *rows)
    message = session.scalars(
        select(OutboxMessage).where(OutboxMessage.key.startswith(f"roster-batch:{batch.id}:commit"))
    ).one()
    assert message.payload == {"action": "upload", "graduate_ids": sorted(one(row).id for row in rows)}
    assert session.scalars(select(BatchPart.after).where(BatchPart.batch_id == batch.id)).all() == [None]


# Undo ---------------------------------------------------------------------------------------------------------------


def test_undo_erases_the_new_and_restores_the_changed(check: Check, school: Actor) -> None:
    old = student()
    import_all(check, school, old)
    new = student(院系="潜水学院")
    changed = {
        **old,
        "姓名": "温如玉",
        "院系": "潜水学院",
        "手机号": "13700137000",
        "毕业时间": f"{current_cohort()}-07-01",
    }
    batch = import_all(check, school, new, changed)
    assert undo_batch(batch.id, actor=school).state == "undone"
    assert found(new) is None
    back = one(old)
    assert (back.name, back.department.name, back.mobile) == ("温书言", "历史学院", "13800138000")
    assert session.scalar(select(Department).where(Department.name == "潜水学院")) is None
    assert session.scalar(select(func.count()).where(BatchPart.batch_id == batch.id)) == 0
    with pytest.raises(Conflict):
        undo_batch(batch.id, actor=school)


@pytest.mark.parametrize("what", ["confirmed", "changed", "favorite"])
def test_undo_is_refused_once_something_has_been_built(
    check: Check, school: Actor, actor_of: Callable[[str], Actor], what: str
) -> None:
    from app.base import clock
    from app.employers.favorites.services import add_favorite

    row, bystander = student(), student()
    batch = import_all(check, school, row, bystander)
    graduate = one(row)
    with transaction():
        if what == "confirmed":
            graduate.confirmed_at = clock.now()
        elif what == "changed":
            graduate.address = "搬家了"
    if what == "favorite":
        search = {"name": graduate.name, "id_number": graduate.id_number, "school": graduate.school.name}
        add_favorite(search, actor=actor_of("employer1"))
    with pytest.raises(Conflict) as refusal:
        undo_batch(batch.id, actor=school)
    assert refusal.value.code == "built_upon"
    assert row["考生号"] in refusal.value.message
    session.rollback()
    assert found(row) is not None
    assert found(bystander) is not None


# Who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["operator", "province32", "dept10001a", "employer1", "graduate1"])
def test_only_schools_import(app_context: Any, actor_of: Callable[[str], Actor], username: str) -> None:
    with pytest.raises(Forbidden):
        receive_sheet(sheet(student()), "x.xlsx", actor=actor_of(username))


@pytest.mark.parametrize("permission", ["ro", "none"])
def test_import_needs_read_and_write_on_employment(app_context: Any, school: Actor, permission: str) -> None:
    actor = replace(school, modules={**school.modules, "employment": permission})
    with pytest.raises(Forbidden):
        receive_sheet(sheet(student()), "x.xlsx", actor=actor)


def test_batch_of_another_school_does_not_exist(check: Check, actor_of: Callable[[str], Actor]) -> None:
    batch = check(sheet(student()))
    for change in (commit_batch, undo_batch):
        with pytest.raises(NotFound):
            change(batch.id, actor=actor_of("school10001"))


def test_account_of_one_level_brings_only_that_level(check: Check, school: Actor) -> None:
    actor = replace(school, level="postgraduate")
    batch = check(sheet(student(学历="11"), student(学历="31")), actor)
    assert batch.state == "refused"
    assert [(error["row"], error["column"]) for error in batch.errors] == [(3, "学历")]
    assert check(sheet(student(学历="11")), actor).state == "ready"


def test_account_of_one_level_cannot_move_a_student_of_the_other(check: Check, school: Actor) -> None:
    row = student(学历="31")
    import_all(check, school, row)
    batch = check(sheet({**row, "学历": "11"}), replace(school, level="postgraduate"))
    assert (batch.state, batch.errors[0]["column"]) == ("refused", "学历")


def test_batch_of_one_level_is_seen_by_that_level_and_the_whole_school(check: Check, school: Actor) -> None:
    from app.roster.imports.queries import batch_visible_to

    batch = check(sheet(student(学历="11")), replace(school, level="postgraduate"))
    assert batch_visible_to(school, batch.id).id == batch.id
    with pytest.raises(NotFound):
        batch_visible_to(replace(school, level="undergraduate"), batch.id)
