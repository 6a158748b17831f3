"""The graduate's pages of the destinations without a browser: who may open what, the way to a type, the plain form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base.database import session, transaction
from app.destination import finder
from app.destination.catalogue import types_open_to
from app.destination.models import Destination, MinimumWage
from app.destination.types.declared import DestinationType, Field, Proof, declare, withdraw_declaration
from app.flags.services import add_warning
from app.roster.guards import DIRECTED
from tests.destination.stage import Stage, draft
from tests.documents.pictures import picture
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.signing.stage import user

HOME = "/graduate/destinations/"


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


@pytest.fixture
def kept(app: Flask) -> Callable[..., int]:
    """A function: a case of graduate1 in a state; returns its id."""

    def bring(state: str = "draft", code: str = "801") -> int:
        with app.app_context():
            number = int(Stage().bring(state, code).id)
            session.remove()
            return number

    return bring


def _browser(app: Flask, name: str = "graduate1") -> tuple[FlaskClient, str]:
    client = logged_in(app, name)
    return client, token(client.get("/graduate/me").text)


def _only(app: Flask) -> dict[str, Any]:
    with app.app_context():
        (case,) = session.scalars(select(Destination))
        return {"state": case.state, "type": case.type, **case.record}


def test_every_shipped_type_is_found_by_answers(app_context: Flask) -> None:
    """At most three questions lead to each; what is only for 21 and 41 needs no question."""
    offered = types_open_to("1")
    assert finder.types_behind(finder.START, offered) == {one.code for one in offered}
    assert all(len(finder.way_to(place)) <= 2 for place in finder.QUESTIONS)


def test_new_type_is_in_the_whole_list_and_has_a_form(app: Flask) -> None:
    """One declared entry, and nothing else, gives a page, a form and a record."""
    fields = (Field("place", "text", "驻村地点"), Field("paid", "flag", "有补贴", required=False))
    declare(DestinationType("599", "驻村工作", "51", fields, (Proof("letter", "派出函"),), hint="试点项目"))
    try:
        client, csrf = _browser(app)
        assert "驻村工作" in client.get(f"{HOME}types/").text
        assert "驻村工作" in client.get(f"{HOME}types/?at=local").text, "the questions lead to it, beside its siblings"
        page = client.get(f"{HOME}types/599").text
        assert "派出函" in page
        assert "驻村地点" in page
        begun = client.post(f"{HOME}types/599", data={"csrf_token": csrf})
        form = client.get(begun.headers["Location"]).text
        assert 'name="data.place"' in form
        assert 'name="photo.letter"' in form
        client.post(begun.headers["Location"], data={"csrf_token": csrf, "data.place": "杏花村", "data.paid": "1"})
        assert _only(app) == {"state": "draft", "type": "599", "place": "杏花村", "paid": True}
    finally:
        withdraw_declaration("599")


def test_directed_graduates_see_one_type(app: Flask) -> None:
    """培养方式 21: no question, no other type by any address (R4.4)."""
    client, csrf = _browser(app, "graduate17")
    answer = client.get(f"{HOME}types/", follow_redirects=True)
    assert answer.request.path == f"{HOME}types/10F"
    assert "定向/委培" in answer.text
    assert client.get(f"{HOME}types/801").status_code == 404
    assert client.post(f"{HOME}types/801", data={"csrf_token": csrf}).status_code == 404
    ordinary, _token = _browser(app)
    assert ordinary.get(f"{HOME}types/10F").status_code == 404
    assert "定向/委培" not in ordinary.get(f"{HOME}types/").text
    assert DIRECTED == ("21", "41")


def test_plain_form_keeps_uploads_checks_and_submits(app: Flask) -> None:
    """The whole way without scripts."""
    client, csrf = _browser(app)
    edit = client.post(f"{HOME}types/801", data={"csrf_token": csrf}).headers["Location"]
    again = client.post(f"{HOME}types/801", data={"csrf_token": csrf}).headers["Location"]
    assert edit == again, "a draft that was begun is gone on with"
    refused = client.post(edit, data={"csrf_token": csrf, "do": "check", "data.school_name": "示例大学"})
    assert refused.status_code == 422
    assert refused.text.count("请填写此项") >= 3
    assert 'value="示例大学"' in refused.text
    filled = {"data.school_name": "示例大学", "data.degree": "硕士", "data.major": "数学", "data.study_form": "1"}
    files = {"photo.admission_notice": (io.BytesIO(picture()), "通知书.jpg")}
    checked = client.post(edit, data={"csrf_token": csrf, "do": "check", **filled, **files})
    assert checked.headers["Location"].endswith("/check"), checked.text
    page = client.get(checked.headers["Location"]).text
    assert "示例大学" in page
    assert re.search(r'<img src="/files/\d+"', page)
    sent = client.post(re.sub("check$", "submit", checked.headers["Location"]), data={"csrf_token": csrf})
    assert _only(app)["state"] == "dept_review"
    record = client.get(sent.headers["Location"])
    assert "撤回" in record.text
    assert client.get(edit).status_code == 302, "what is being reviewed is not edited"


def test_what_is_wrong_is_told_and_the_rest_is_kept(app: Flask, kept: Callable[..., int]) -> None:
    number = kept(code="11")
    client, csrf = _browser(app)
    sent = {"csrf_token": csrf, "data.employer": "示例公司", "data.phone": "12"}
    answer = client.post(f"{HOME}{number}/autosave", data=sent).get_json()
    assert "联系人电话" in answer["said"]
    assert _only(app) == {"state": "draft", "type": "11", "employer": "示例公司"}
    refused = client.post(f"{HOME}{number}/edit", data={**sent, "do": "save"})
    assert refused.status_code == 422
    assert 'value="12"' in refused.text


def test_type_can_be_changed_and_keeps_what_fits(app: Flask, kept: Callable[..., int]) -> None:
    number = kept(code="801")
    client, csrf = _browser(app)
    assert f"case={number}" in client.get(f"{HOME}types/?case={number}").text
    client.post(f"{HOME}types/803", data={"csrf_token": csrf, "case": number})
    changed = _only(app)
    assert changed["type"] == "803"
    assert "school_name" in changed
    assert "degree" not in changed, "a code that the new type does not offer"


def test_unit_is_found_by_its_code(app: Flask, kept: Callable[..., int]) -> None:
    number = kept(code="11")
    client, csrf = _browser(app)
    with app.app_context():
        from app.employers.models import Employer

        unit = session.scalars(select(Employer).where(Employer.verified_at.is_not(None))).first()
        assert unit is not None
        uscc, name = unit.uscc, unit.name
    assert name in client.get(f"{HOME}{number}/unit", query_string={"data.uscc": uscc}).text
    assert "信用代码" in client.get(f"{HOME}{number}/unit", query_string={"data.uscc": "123"}).text
    taken = client.post(f"{HOME}{number}/edit", data={"csrf_token": csrf, "do": "take", "data.uscc": uscc})
    assert taken.status_code == 302, taken.text
    assert _only(app)["employer"] == name


def test_refused_file_is_told_at_its_kind_and_the_rest_is_kept(app: Flask, kept: Callable[..., int]) -> None:
    number = kept()
    client, csrf = _browser(app)
    sent = {"csrf_token": csrf, "do": "save", "data.school_name": "新的大学"}
    files = {"photo.admission_notice": (io.BytesIO(b"MZ"), "通知书.exe")}
    refused = client.post(f"{HOME}{number}/edit", data={**sent, **files})
    assert refused.status_code == 422
    assert "只接受图片" in refused.text
    assert _only(app)["school_name"] == "新的大学"


def test_flagged_unit_is_told_while_it_is_filled_in_and_after(app: Flask, kept: Callable[..., int]) -> None:
    """预警单位 (R7.2): at the look-up, in the form, on the record, for the graduate and for the reviewer."""
    number = kept("dept_review", "11")
    uscc = _only(app)["uscc"]
    warning = {"uscc": uscc, "name": "示例科技有限公司", "kinds": ["1"], "reason": "学生反映拖欠工资"}
    with app.app_context():
        add_warning(warning, actor=user("school10001"))
        session.remove()
    client, csrf = _browser(app)
    assert "拖欠工资" in client.get(f"{HOME}{number}").text
    assert "拖欠工资" in logged_in(app, "dept10001a").get(f"/staff/destinations/show/{number}").text
    client.post(f"{HOME}{number}/withdraw", data={"csrf_token": csrf})
    for part in ("/edit", "/check", f"/unit?data.uscc={uscc}"):
        assert "拖欠工资" in client.get(f"{HOME}{number}{part}").text, part
    assert "submit" in client.get(f"{HOME}{number}/check").text, "warned, not blocked"


def test_pay_below_the_minimum_is_told_and_does_not_block(app: Flask, kept: Callable[..., int]) -> None:
    number = kept(code="12")
    with app.app_context(), transaction():
        row = session.scalars(select(MinimumWage).where(MinimumWage.region == "110000")).one()
        row.monthly = Decimal("2420.00")
    client, csrf = _browser(app)
    with app.app_context():
        record = dict(session.get_one(Destination, number).record)
    sent = {f"data.{name}": value for name, value in {**record, "region": "110108", "pay": "1000"}.items()}
    answer = client.post(f"{HOME}{number}/autosave", data={"csrf_token": csrf, **sent}).get_json()
    assert "最低工资" in answer["odd"]
    assert "最低工资" in client.get(f"{HOME}{number}/check").text
    client.post(f"{HOME}{number}/submit", data={"csrf_token": csrf})
    assert _only(app)["state"] == "dept_review"
    assert "最低工资" in logged_in(app, "dept10001a").get(f"/staff/destinations/show/{number}").text


def test_returned_record_opens_as_the_form_with_the_words(app: Flask, kept: Callable[..., int]) -> None:
    number = kept("returned", "11")
    client, _csrf = _browser(app)
    answer = client.get(f"{HOME}{number}", follow_redirects=True)
    assert answer.request.path.endswith("/edit")
    assert "请核对" in answer.text
    assert answer.text.count("与营业执照不一致") == 2, "in the list on top, and beside the field"


@pytest.mark.parametrize("state", ["dept_review", "rejected", "approved", "voided"])
def test_record_in_every_state(app: Flask, kept: Callable[..., int], state: str) -> None:
    number = kept(state, "11")
    client, _csrf = _browser(app)
    page = client.get(f"{HOME}{number}").text
    assert ("撤回" in page) == (state == "dept_review")
    assert ('data-dialog-open="void"' in page) == (state == "approved")
    overview = client.get(HOME).text
    assert "签劳动合同形式就业" in overview
    assert ("登记去向</span>" in overview) == (state in ("rejected", "voided"))


def test_scope(app: Flask, kept: Callable[..., int]) -> None:
    """Nobody else opens or changes a graduate's pages; strangers to the house are led to the door (R1.7)."""
    number = kept()
    paths = [f"{HOME}{number}{part}" for part in ("", "/edit", "/check", "/unit")]
    other, others = _browser(app, "graduate2")
    assert [other.get(path).status_code for path in paths] == [404] * 4
    for part in ("/edit", "/autosave", "/submit", "/void", "/withdraw"):
        assert other.post(f"{HOME}{number}{part}", data={"csrf_token": others}).status_code == 404
    assert other.get(f"{HOME}types/?case={number}").status_code == 404
    assert other.post(f"{HOME}types/803", data={"csrf_token": others, "case": number}).status_code == 404
    assert "研究生" not in other.get(HOME).text
    for name in ("school10001", "employer1"):
        client = logged_in(app, name)
        assert [client.get(path).status_code for path in [*paths, HOME, f"{HOME}types/"]] == [403] * 6
    own, csrf = _browser(app)
    assert own.post(f"{HOME}{number}/approve", data={"csrf_token": csrf}).status_code == 404
    assert own.get(f"{HOME}types/?at=nowhere").status_code == 404


@pytest.mark.parametrize(("name", "words"), [("graduate19", "届"), ("graduate20", "名单")])
def test_who_cannot_register_is_told_why(app: Flask, name: str, words: str) -> None:
    """An earlier cohort reads only; who was removed from the roster asks the school."""
    client, csrf = _browser(app, name)
    page = client.get(f"{HOME}types/801").text
    assert words in page
    assert "开始填写" not in page
    refused = client.post(f"{HOME}types/801", data={"csrf_token": csrf}, follow_redirects=True)
    assert words in refused.text
    with app.app_context():
        assert session.scalars(select(Destination)).all() == []


def test_type_that_does_not_fit_the_education_is_said_before_one_starts(app: Flask) -> None:
    client, _csrf = _browser(app)
    assert "不太相符" in client.get(f"{HOME}types/272").text
    assert "不太相符" not in client.get(f"{HOME}types/801").text


def test_bound_graduate_is_told_why(app: Flask) -> None:
    with app.app_context():
        Stage().bring("approved", "11")
        draft(user("graduate1"), "801")
    client, _csrf = _browser(app)
    assert "请先作废" in client.get(HOME).text
    page = client.get(f"{HOME}types/801").text
    assert "请先作废" in page
    assert "开始填写" not in page
