"""Departments by code and other names, names that wait to be assigned, renaming and merging (B12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access.actors import Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.base.database import session, transaction
from app.base.errors import Conflict
from app.ems.students import student_of
from app.roster.imports.services.batches import check_batch, receive_sheet
from app.roster.imports.services.writing import commit_batch, undo_batch
from app.roster.models import Graduate, RosterBatch
from app.roster.services.pulling import apply_changes
from app.roster.services.takeover import take_over
from app.schools.departments.queries import alike, known_departments, near_names
from app.schools.models import Department, DepartmentAlias
from app.signing.online.models import OnlineSigning
from app.workflow.models import OutboxMessage
from tests.fixtures.pages import token
from tests.roster.sheets import sheet, student
from tests.schools.people import in_charge_of, school
from tests.signing.stage import Stage

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
PAGE = "/staff/school-departments/"
INFORMATICS, LANGUAGES = "信息科学技术学院", "外国语学院"
Browse = Callable[[str], FlaskClient]


def named(name: str, code: str = "10001") -> Department:
    query = select(Department).where(Department.school_id == school(code).id, Department.name == name)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def count(model: Any, department: int) -> int:
    return session.scalar(select(func.count()).select_from(model).where(model.department_id == department)) or 0


def checked(actor: Actor, *rows: dict[str, Any]) -> RosterBatch:
    batch = receive_sheet(sheet(*rows), "名单.xlsx", actor=actor)
    with transaction():
        check_batch(batch.id)
    session.refresh(batch)
    assert batch.state == "ready", batch.errors
    return batch


def department_of_student(row: dict[str, Any]) -> str:
    query = select(Department.name).join(Graduate, Graduate.department_id == Department.id)
    return session.scalars(query.where(Graduate.exam_number == row["考生号"])).one()


def press(client: FlaskClient, path: str, **data: Any) -> Any:
    return client.post(path, data={"csrf_token": token(client.get(PAGE).text), **data})


def test_a_renamed_department_keeps_its_people_and_answers_to_its_old_name(api: Any, browse: Browse) -> None:
    signed()
    department = named(INFORMATICS)
    people, snapshots = count(Graduate, department.id), _snapshots(department.id)
    seen = api("dept10001a").get("/graduates/").get_json()["count"]
    sent = {"name": "信息工程学院", "code": "048", "aliases": ["信科"]}
    told = api("school10001").put(f"/departments/{department.id}", sent).get_json()["result"]
    assert (told["name"], told["code"], told["aliases"]) == ("信息工程学院", "048", ["信息科学技术学院", "信科"])
    assert told["graduates"] == people
    assert api("dept10001a").get("/graduates/").get_json()["count"] == seen == people
    page = browse("dept10001a").get("/staff/graduates/list/").text
    assert "信息工程学院" in page
    assert _snapshots(department.id) == snapshots, "what was signed keeps the name of its day"
    known = known_departments(department.school_id)
    words = ("信息工程学院", INFORMATICS, "信科", "048", "信息 工程学院", "信息科学技术学院 ")
    assert {known.find(word) for word in words} == {department.id}
    uploads = session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.order_key == f"department:{department.id}")
    )
    assert sum(len(one["graduate_ids"]) for one in uploads) == people
    line = session.scalars(select(AuditLine).where(AuditLine.action == "department_changed")).one()
    assert (line.detail["before"]["name"], line.school_id) == (INFORMATICS, department.school_id)
    assert "信息科学技术学院" in browse("school10001").get(f"{PAGE}{department.id}").text


def signed() -> None:
    """An agreement of the department's is signed."""
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")


def _snapshots(department_id: int) -> list[Any]:
    query = select(OnlineSigning.snapshot).where(OnlineSigning.department_id == department_id)
    found = [one for one in session.scalars(query.order_by(OnlineSigning.id)) if one]
    assert found
    return found


def test_words_of_another_department_are_refused(api: Any) -> None:
    school_api, department = api("school10001"), named(INFORMATICS)
    answer = school_api.put(
        f"/departments/{department.id}", {"name": LANGUAGES, "aliases": ["外国语(学院)"], "code": ""}
    )
    assert (answer.status_code, sorted(answer.get_json()["errors"])) == (422, ["aliases", "name"])
    assert school_api.put(f"/departments/{department.id}", {"name": " "}).status_code == 422
    assert named(INFORMATICS).code is None
    other = named(LANGUAGES)
    assert school_api.put(f"/departments/{other.id}", {"code": "039"}).status_code == 200
    assert school_api.put(f"/departments/{department.id}", {"code": "039"}).status_code == 422


def test_merging_moves_people_accounts_and_records_at_once(api: Any, browse: Browse) -> None:
    signed()
    source, target = named(INFORMATICS), named(LANGUAGES)
    before = {model: (count(model, source.id), count(model, target.id)) for model in (Graduate, Account, OnlineSigning)}
    assert all(own for own, _other in before.values())
    seen = api("dept10001a").get("/online_signing/").get_json()["count"]
    answer = api("school10001").post(f"/departments/{source.id}/merge", {"into": target.id})
    assert answer.get_json()["result"]["aliases"] == [INFORMATICS]
    for model, (own, other) in before.items():
        assert (count(model, source.id), count(model, target.id)) == (0, own + other)
    assert session.get(Department, source.id, populate_existing=True) is None
    assert api("dept10001a").get("/online_signing/").get_json()["count"] >= seen
    assert known_departments(target.school_id).find(INFORMATICS) == target.id
    assert f"{INFORMATICS}" in browse("school10001").get(f"{PAGE}{target.id}").text
    assert api("school10001").get(f"/departments/{source.id}").status_code == 404


def test_sheets_find_a_department_by_any_of_its_words(actor_of: Callable[[str], Actor]) -> None:
    actor = actor_of("school10284")
    first = student(院系="历史学院")
    commit_batch(checked(actor, first).id, actor=actor)
    department = named("历史学院", "10284")
    with transaction():
        department.code = "12"
        session.add(DepartmentAlias(school_id=department.school_id, department_id=department.id, name="历史系"))
    rows = [student(院系=word) for word in ("历史系", "12", "历史 学院")]
    batch = checked(actor, *rows, {**first, "院系": "历史系"})
    assert (batch.new, batch.unchanged, batch.departments, batch.warning_count) == (3, 1, [], 0), batch.warnings
    commit_batch(batch.id, actor=actor)
    assert {department_of_student(row) for row in rows} == {"历史学院"}


def test_names_that_nobody_knows_wait_until_the_school_assigns_them(browse: Browse, actor_of: Any) -> None:
    actor, client = actor_of("school10284"), browse("school10284")
    commit_batch(checked(actor, student(院系="历史学院")).id, actor=actor)
    rows = [student(院系="历史学与文博学院"), student(院系="历史学与文博学院"), student(院系="海洋学院")]
    batch = checked(actor, *rows)
    assert "海洋学院" in client.get(f"/staff/roster-imports/{batch.id}").text
    sent = {"confirm_number": "3", "queue": ["历史学与文博学院", "没有的"]}
    press(client, f"/staff/roster-imports/{batch.id}/commit", **sent)
    session.refresh(batch)
    assert batch.state == "ready", "a name that is none of the sheet's"
    press(client, f"/staff/roster-imports/{batch.id}/commit", confirm_number="3", queue=["历史学与文博学院"])
    waiting = named("历史学与文博学院", "10284")
    assert (waiting.unsettled_since is not None, named("海洋学院", "10284").unsettled_since) == (True, None)
    page = client.get(PAGE).text
    assert "待归属" in page
    assert "归入历史学院" in page
    assert waiting.name not in client.get("/staff/accounts/create/department").text
    more = student(院系="历史学与文博学院")
    commit_batch(checked(actor, more).id, actor=actor)  # the same name waits in the same place
    press(client, f"{PAGE}{waiting.id}/merge", into=named("历史学院", "10284").id)
    assert {department_of_student(row) for row in (*rows[:2], more)} == {"历史学院"}
    assert known_departments(school("10284").id).find("历史学与文博学院") == named("历史学院", "10284").id
    with pytest.raises(Conflict):
        undo_batch(batch.id, actor=actor)


def test_a_name_that_waits_can_become_a_department(api: Any, actor_of: Any) -> None:
    actor, programs = actor_of("school10284"), api("school10284")
    batch = checked(actor, student(院系="极地学院"))
    answer = programs.post(f"/roster/batches/{batch.id}/commit", {"queue": ["极地学院"]})
    assert answer.status_code == 200
    (waiting,) = [one for one in _listed(programs) if one["unsettled_since"]]
    assert (waiting["name"], waiting["graduates"]) == ("极地学院", 1)
    other = next(one for one in _listed(programs) if not one["unsettled_since"])
    answer = programs.post(f"/departments/{other['id']}/merge", {"into": waiting["id"]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "unsettled")
    assert programs.post(f"/departments/{waiting['id']}/merge", {"into": waiting["id"]}).status_code == 409
    assert programs.post(f"/departments/{waiting['id']}/settle").get_json()["result"]["unsettled_since"] is None
    assert programs.post(f"/departments/{waiting['id']}/settle").status_code == 409


def _listed(programs: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = programs.get("/departments/").get_json()["result"]
    return found


def test_a_sheet_that_was_checked_before_is_refused_after(actor_of: Any) -> None:
    actor = actor_of("school10284")
    first = student(院系="历史学院")
    commit_batch(checked(actor, first).id, actor=actor)
    batch = checked(actor, student(院系="考古学院"))
    department = named("历史学院", "10284")
    with transaction():
        session.add(DepartmentAlias(school_id=department.school_id, department_id=department.id, name="考古学院"))
    with pytest.raises(Conflict) as refused:
        commit_batch(batch.id, actor=actor)
    assert refused.value.code == "stale"


def test_the_other_system_may_go_on_with_a_former_name(api: Any) -> None:
    department = named(INFORMATICS)
    query = select(Graduate).where(Graduate.department_id == department.id).options(*Graduate.eager_options())
    graduate = session.scalars(query.limit(1)).one()
    before = student_of(graduate)
    api("school10001").put(f"/departments/{department.id}", {"name": "信息工程学院"})
    session.expire_all()
    graduate = session.scalars(query.where(Graduate.id == graduate.id)).one()
    assert take_over(graduate, before, activated=False, fields=("department",)) == ([], [])
    assert (graduate.department_id, graduate.department.name) == (department.id, "信息工程学院")


def test_accounts_are_made_for_a_department_by_any_of_its_words(api: Any) -> None:
    department, programs = named(INFORMATICS), api("school10001")
    programs.put(f"/departments/{department.id}", {"name": "信息工程学院", "code": "048"})
    for place, word in enumerate((INFORMATICS, "048", "信息工程学院")):
        sent = {"username": f"newdept{place}", "name": "陆知微", "role": "department", "department": word}
        told = programs.post("/accounts/", {**sent, "contact": f"1390000{place:04d}"})
        assert told.status_code == 201, told.text
        assert told.get_json()["result"]["department"] == "信息工程学院"
    account = told.get_json()["id"]
    assert programs.put(f"/accounts/{account}", {"name": "陆知薇", "department": "048"}).status_code == 200


def test_nobody_else_reaches_them(api: Any, browse: Browse) -> None:
    department, other = named(INFORMATICS), named(LANGUAGES)
    for username, status in (("school10002", 404), ("dept10001a", 404), ("province11", 403), ("graduate1", 404)):
        programs = api(username)
        statuses = {
            programs.put(f"/departments/{department.id}", {"name": "别的"}).status_code,
            programs.post(f"/departments/{department.id}/merge", {"into": other.id}).status_code,
            programs.post(f"/departments/{department.id}/settle").status_code,
        }
        assert statuses == {status}, username
        assert programs.get("/departments/").status_code == (200 if username == "school10002" else 403)
    for username in ("dept10001a", "province11"):
        assert browse(username).get(PAGE).status_code == 403
    stranger = browse("school10002")
    assert stranger.get(f"{PAGE}{department.id}").status_code == 404
    assert press(stranger, f"{PAGE}{department.id}/merge", into=other.id).status_code == 404
    assert INFORMATICS not in stranger.get(PAGE).text
    foreign = api("school10001").post(f"/departments/{department.id}/merge", {"into": named_elsewhere().id})
    assert foreign.status_code == 404


def named_elsewhere() -> Department:
    return session.scalars(select(Department).where(Department.school_id == school("10002").id).limit(1)).one()


def test_who_is_in_charge_of_one_level_changes_none(api: Any) -> None:
    from app.base.errors import Forbidden
    from app.schools.departments.services import change_department

    with pytest.raises(Forbidden):
        change_department(named(INFORMATICS).id, {"name": "别的"}, actor=in_charge_of("school10001", "undergraduate"))


def _pulled(graduate: Graduate, **changes: Any) -> None:
    """The employment system changes a student."""
    told = replace(student_of(graduate), **changes)
    apply_changes(graduate.school_id, graduate.cohort, [told], 10**6)
    session.expire_all()


def test_a_name_of_the_other_system_waits_to_be_assigned_and_its_people_stay(api: Any, browse: Browse) -> None:
    department = named(INFORMATICS)
    query = select(Graduate).where(Graduate.department_id == department.id).options(*Graduate.eager_options())
    graduate, other = session.scalars(query.order_by(Graduate.id).limit(2)).all()
    key = graduate.id
    _pulled(graduate, department="信息科学与工程学院𠮷")
    waiting = named("信息科学与工程学院𠮷")
    assert waiting.unsettled_since is not None
    _pulled(session.scalars(query.where(Graduate.id == other.id)).one(), department="信息科学与工程学院𠮷")
    assert count(Graduate, waiting.id) == 2, "the same name is one that waits"
    exam_number = "23320000009999"
    own = session.scalars(select(Graduate).where(Graduate.id == key).options(*Graduate.eager_options())).one()
    _pulled(own, exam_number=exam_number, department="极地学院", id_number="410671200508030042")
    assert named("极地学院").unsettled_since is not None, "of a new student too"
    assert session.scalar(select(func.count()).where(Graduate.exam_number == exam_number)) == 1
    desk = browse("school10001")
    address = f"/staff/graduates/show/{key}"
    assert "院系待核对（信息科学与工程学院𠮷）" in desk.get(address).text
    listed = desk.get("/staff/graduates/list/?_flt_0_department_name=信息科学与工程学院").text
    assert "院系待核对（信息科学与工程学院𠮷）" in listed
    assert "有 2 个院系名称待核对" in listed
    assert "有 2 个院系名称待核对" not in browse("province11").get("/staff/graduates/list/").text
    assert waiting.name in desk.get(PAGE).text
    assert browse("dept10001a").get(address).status_code == 404
    assert api("school10001").post(f"/departments/{waiting.id}/merge", {"into": department.id}).status_code == 200
    session.expire_all()
    assert count(Graduate, department.id) >= 2
    assert "待核对" not in desk.get(address).text
    _pulled(session.scalars(query.where(Graduate.id == key)).one(), department="信息科学与工程学院𠮷")
    assert session.get_one(Graduate, key).department_id == department.id, "its name leads there by now"


def test_what_is_alike_is_measured_in_one_way() -> None:
    names = ["计算机科学与技术学院", "历史学院", "外国语学院"]
    assert near_names("计算机 科学技术学院", names)[0] == names[0]
    assert alike("计算机科学技术学院", names) == names[0]
    assert alike("计算机 科学与技术学院", names) == names[0]
    assert alike("历史学院", names) is None, "the same name is no other one"
    assert alike("考古学院", names) is None


def test_names_that_cannot_be_read_are_refused_at_their_field(api: Any, actor_of: Any) -> None:
    batch = checked(actor_of("school10284"), student(院系="极地学院"))
    for wrong in ("极地学院", [1], [["极地学院"]], {"a": 1}, ["院" * 100]):
        answer = api("school10284").post(f"/roster/batches/{batch.id}/commit", {"queue": wrong})
        assert (answer.status_code, {name.partition(".")[0] for name in answer.get_json()["errors"]}) == (
            422,
            {"queue"},
        )
    session.refresh(batch)
    assert batch.state == "ready"
