"""学生收藏夹: found only by all three parts exactly, and guessing is useless (R6.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.access import throttle
from app.access.actors import SYSTEM
from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.employers.favorites.guards import ALARM, MISSES, MISSES_OF_ADDRESS
from app.employers.favorites.services import add_favorite
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.roster.services.intake import add_graduates
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.fixtures.statements import counted
from tests.signing.stage import user
from trial.demo.country import GRADUATES

Api = Callable[..., Any]
PERSON = GRADUATES[2]  # in nobody's favorites
WANTED = {"name": PERSON.name, "id_number": PERSON.id_number, "school": "北京大学"}
OTHER = GRADUATES[3]


@pytest.fixture(autouse=True)
def _forget_misses(app_context: Flask) -> None:
    from app.workflow.queues import redis

    redis().flushdb()


@pytest.fixture
def employer(api: Api) -> Any:
    """employer1 at the API."""
    return api("employer1")


def test_graduate_is_kept_once_and_shared_by_the_unit(api: Api, employer: Any) -> None:
    first = employer.post("/favorites/", WANTED)
    assert first.status_code == 201
    entry = first.get_json()["result"]
    assert (entry["name"], entry["school"], entry["id_number"]) == (PERSON.name, "北京大学", "130871********0166")
    again = api("employer1b").post("/favorites/", WANTED)
    assert (again.status_code, again.get_json()["id"]) == (200, entry["id"])
    assert entry["id"] in api("employer1b").get("/favorites/").get_json()["ids"]
    assert entry["id"] not in api("employer2").get("/favorites/").get_json()["ids"]
    assert employer.delete(f"/favorites/{entry['id']}").status_code == 200
    assert employer.delete(f"/favorites/{entry['id']}").status_code == 404


@pytest.mark.parametrize(
    "id_number",
    [PERSON.id_number.lower(), f" {PERSON.id_number[:6]} {PERSON.id_number[6:]} ", "１３" + PERSON.id_number[2:]],
)
def test_number_may_be_typed_as_people_type_it(employer: Any, id_number: str) -> None:
    assert employer.post("/favorites/", {**WANTED, "id_number": id_number}).status_code in (200, 201)


MISSED = {
    "another name": {"name": "李明"},
    "part of the name": {"name": PERSON.name[:2]},
    "pattern for the name": {"name": "%"},
    "another number": {"id_number": OTHER.id_number},
    "part of the number": {"id_number": PERSON.id_number[:17]},
    "wrong check digit": {"id_number": PERSON.id_number[:17] + "0"},
    "no number at all": {"id_number": "not a number"},
    "old number": {"id_number": "110101900101001"},
    "another school": {"school": "清华大学"},
    "no such school": {"school": "没有这所大学"},
    "code of the school": {"school": "10001"},
    "part of the school": {"school": "北京"},
    "all wrong": {"name": "甲", "id_number": "1", "school": "乙"},
}


@pytest.mark.parametrize("miss", MISSED)
def test_every_miss_is_answered_alike(employer: Any, miss: str) -> None:
    """Nobody learns which part was wrong, a malformed number included."""
    answer = employer.post("/favorites/", {**WANTED, **MISSED[miss]})
    assert answer.status_code == 404
    assert answer.get_json() == {
        "message": "未找到匹配的毕业生，请与毕业生核对姓名、身份证号和毕业院校。",
        "code": "no_match",
        "errors": {},
    }


def test_every_miss_costs_the_same(app_context: Flask) -> None:
    """The same statements whatever was wrong, and nothing encrypted is opened before all three agree."""
    costs = set()
    actor = user("employer1")
    with counted(app_context) as seen:
        for miss in ("another name", "another number", "another school", "no number at all"):
            seen.clear()
            session.expire_all()
            with pytest.raises(NotFound):
                add_favorite({**WANTED, **MISSED[miss]}, actor=actor)
            costs.add(tuple(seen))
    (statements,) = costs
    assert not [one for one in statements if "mobile" in one]


@pytest.mark.parametrize("field", WANTED)
@pytest.mark.parametrize("value", ["", "   ", None, 5, ["x"], {"x": "y"}, "长" * 200_000, "a\x1bb"])
def test_odd_field_is_told_at_its_place(employer: Any, field: str, value: Any) -> None:
    answer = employer.post("/favorites/", {**WANTED, field: value})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_removed_graduate_is_a_miss_like_any_other(employer: Any) -> None:
    removed = next(one for one in GRADUATES if one.removed)
    wanted = {"name": removed.name, "id_number": removed.id_number, "school": "中国人民大学"}
    assert employer.post("/favorites/", wanted).get_json()["code"] == "no_match"


def test_kept_graduate_who_is_removed_disappears_and_comes_back(employer: Any) -> None:
    entry = employer.post("/favorites/", WANTED).get_json()["result"]
    set_roster_presence(entry["graduate_id"], present=False, actor=SYSTEM)
    assert entry["id"] not in employer.get("/favorites/").get_json()["ids"]
    set_roster_presence(entry["graduate_id"], present=True, actor=SYSTEM)
    assert entry["id"] in employer.get("/favorites/").get_json()["ids"]


def test_newest_studies_are_found_where_two_agree(app_context: Flask) -> None:
    """Who studied twice at one school is found with the newest row; by the other school with the other one."""
    cohort = session.scalars(select(func.max(Graduate.cohort))).one()
    person = GRADUATES[8]
    older = {**person.row(cohort - 1, 901), "school": "10002"}
    elsewhere = {**person.row(cohort - 2, 902), "school": "10284", "department": "文学院"}
    add_graduates([older, elsewhere], actor=SYSTEM)
    for school, expected in (("中国人民大学", cohort), ("南京大学", cohort - 2)):
        wanted = {"name": person.name, "id_number": person.id_number, "school": school}
        favorite, _new = add_favorite(wanted, actor=user("employer2"))
        assert favorite.cohort == favorite.graduate.cohort == expected


def test_thirty_misses_in_ten_minutes_are_the_limit_of_a_unit(api: Api, employer: Any) -> None:
    """Both users of the unit together; hits do not count; other units are not affected."""
    wrong = {**WANTED, "name": "李明"}
    for number in range(MISSES.most):
        caller = employer if number % 2 else api("employer1b")
        assert caller.post("/favorites/", wrong).status_code == 404
        assert number % 10 or caller.post("/favorites/", WANTED).status_code in (200, 201)
    for caller in (employer, api("employer1b")):
        refused = caller.post("/favorites/", WANTED)
        assert (refused.status_code, refused.get_json()["code"]) == (429, "throttled")
        assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert api("employer2").post("/favorites/", wrong).status_code == 404
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert add_favorite(WANTED, actor=user("employer1"))


def test_operators_are_told_once_of_guessing(api: Api, employer: Any, drain: Callable[..., int]) -> None:
    """The limit leaves a line in the audit trail and a notice, also where the refused call would undo all it wrote."""

    def told(reader: Any) -> list[str]:
        drain()
        return [row["text"] for row in reader.get("/notifications/").get_json()["result"] if row["event"] == ALARM]

    wrong, known = {**WANTED, "school": "清华大学"}, len(told(api("operator")))
    for _try in range(MISSES.most):
        employer.post("/favorites/", wrong)
    before = session.scalar(select(func.count()).where(AuditLine.action == ALARM)) or 0
    for number in range(3):
        assert employer.post("/favorites/", wrong, headers={"Idempotency-Key": f"guess-{number}"}).status_code == 429
    inbox = told(api("operator"))
    assert session.scalar(select(func.count()).where(AuditLine.action == ALARM)) == before + 1
    assert len(inbox) == known + 1
    assert "30 次" in inbox[0]
    assert "employer1" in inbox[0]
    assert not told(employer)


def test_one_address_is_slowed_down_whatever_its_units(employer: Any) -> None:
    for _try in range(MISSES_OF_ADDRESS.most):
        throttle.begin(MISSES_OF_ADDRESS, "127.0.0.1")
    assert employer.post("/favorites/", {**WANTED, "school": "清华大学"}).status_code == 429


@pytest.mark.parametrize("account", ["operator", "province11", "school10001", "dept10001a", "graduate1"])
def test_others_than_units_have_no_favorites(api: Api, account: str) -> None:
    entry = session.scalars(select(Favorite.id).limit(1)).one()
    caller = api(account)
    assert caller.get("/favorites/").status_code == 403
    assert caller.post("/favorites/", WANTED).status_code == 403
    assert caller.delete(f"/favorites/{entry}").status_code in (403, 404)
    assert session.get(Favorite, entry) is not None


def test_unverified_unit_cannot_search(api: Api) -> None:
    assert api("employer3").post("/favorites/", WANTED).get_json()["code"] == "unverified"
    assert api("employer3").get("/favorites/").get_json()["code"] == "unverified"


def test_entry_of_another_unit_is_not_there(api: Api, employer: Any) -> None:
    entry = employer.get("/favorites/").get_json()["ids"][0]
    assert api("employer2").delete(f"/favorites/{entry}").status_code == 404
    assert entry in employer.get("/favorites/").get_json()["ids"]


def test_list_is_filtered_by_cohort_ordered_and_paged(employer: Any) -> None:
    everybody = employer.get("/favorites/").get_json()
    assert everybody["count"] == len(everybody["ids"]) >= 5
    assert everybody["ids"] == sorted(everybody["ids"], reverse=True)
    cohort = everybody["result"][0]["cohort"]
    assert employer.get(f"/favorites/?cohort={cohort}").get_json()["count"] >= 5
    assert employer.get("/favorites/?cohort=1999").get_json() == {"count": 0, "ids": [], "result": []}
    assert employer.get("/favorites/?cohort=x").status_code == 400
    page = employer.get("/favorites/?q=(page:1,page_size:2,order_column:id,order_direction:asc)").get_json()
    assert page["ids"] == everybody["ids"][::-1][2:4]
    assert page["count"] == everybody["count"]


def test_services_refuse_without_the_web(app_context: Flask) -> None:
    for account, refusal in (("school10001", Forbidden), ("employer3", Conflict)):
        with pytest.raises(refusal):
            add_favorite(WANTED, actor=user(account))
    with pytest.raises(Invalid):
        add_favorite({}, actor=user("employer1"))
    with pytest.raises(NotFound):
        add_favorite({**WANTED, "school": "清华大学"}, actor=user("employer1"))


def test_page_tells_a_miss_and_a_hit(client: FlaskClient) -> None:
    form = {"username": "employer2", "password": PASSWORD, "csrf_token": token(client.get("/login/employer").text)}
    assert client.post("/login/employer", data=form).status_code == 302
    page = client.get("/employer/favorites")
    wanted = {**WANTED, "csrf_token": token(page.text)}
    missed = client.post("/employer/favorites", data={**wanted, "name": "李明"})
    assert missed.status_code == 404
    assert "未找到匹配的毕业生" in missed.text
    assert WANTED["id_number"] in missed.text  # what was typed is still there
    found = client.post("/employer/favorites", data=wanted)
    assert found.status_code == 302
    listed = client.get(found.headers["Location"]).text
    assert f"已将{PERSON.name}加入" in listed
    assert WANTED["id_number"] not in listed
