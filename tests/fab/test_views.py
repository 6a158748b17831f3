"""The base of all FAB views: scope on every way to a row, strict addresses, few statements."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.base import clock
from tests.fixtures.pages import token
from tests.fixtures.views import PlainGraduateView

LIST = "/staff/test_graduates/list/"
Browse = Callable[..., FlaskClient]


def _ids(app: Flask, school: str) -> list[int]:
    from sqlalchemy import text

    from app.base.database import session

    query = "SELECT g.id FROM graduates g JOIN schools s ON s.id = g.school_id WHERE s.code = :code ORDER BY g.id"
    with app.app_context():
        return list(session.scalars(text(query), {"code": school}))


def _shown(page: str) -> set[str]:
    """The ids of the rows on a list page."""
    return set(re.findall(r"/staff/test_graduates/show/(\d+)", page))


def _form(client: FlaskClient, **values: Any) -> dict[str, Any]:
    return {"csrf_token": token(client.get(LIST).text), **values}


def test_list_shows_own_rows_only(browse: Browse) -> None:
    page = browse("school10001").get(LIST).text
    assert "北京大学" in page
    assert "南京大学" not in page


def test_list_costs_few_statements_whatever_the_number_of_rows(browse: Browse, statements: list[str]) -> None:
    client = browse("province11")
    client.get(LIST)
    for size in (2, 20):
        statements.clear()
        assert client.get(f"{LIST}?psize_PlainGraduateView={size}").status_code == 200
        own = [s for s in statements if "graduates" in s]
        assert len(own) <= 3, own
        assert len(statements) <= 4 + 6, statements  # four of them are the authentication


@pytest.mark.parametrize(
    "query",
    [
        "page_PlainGraduateView=x",
        "page_PlainGraduateView=-1",
        "page_Other=x",
        "psize_PlainGraduateView=nope",
        "_oc_PlainGraduateView=nope&_od_PlainGraduateView=asc",
        "_oc_PlainGraduateView=name&_od_PlainGraduateView=sideways",
        "_flt_0_nope=1",
        "_flt_77_name=1",
        "_flt_0_cohort=abc",
        "_flt_0_cohort=99999999999999999999",
        "_flt_0_created_at=tomorrow",
        "_flt_0_name=%00",
        "_flt_x_name=1",
    ],
)
def test_odd_address_is_refused(browse: Browse, query: str) -> None:
    assert browse("school10001").get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "psize_PlainGraduateView=100000000",
        "page_PlainGraduateView=99999999",
        "_flt_0_name=&_flt_0_cohort=",
        "_flt_0_created_at=2026-01-31",
        "_oc_PlainGraduateView=name&_od_PlainGraduateView=desc",
    ],
)
def test_sensible_address_is_answered(browse: Browse, query: str) -> None:
    assert browse("school10001").get(f"{LIST}?{query}").status_code == 200


def test_page_size_is_clamped(browse: Browse, statements: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from app.fab import addresses

    monkeypatch.setattr(addresses, "LARGEST_PAGE", 2)
    page = browse("school10001").get(f"{LIST}?psize_PlainGraduateView=100000000").text
    assert len(_shown(page)) == 2


def test_wildcards_mean_themselves(browse: Browse) -> None:
    client = browse("school10001")
    for value in ("%25", "_", "\\"):
        assert _shown(client.get(f"{LIST}?_flt_0_name={value}").text) == set()


def test_sealed_column_is_found_exactly(browse: Browse, plain_app: Flask) -> None:
    from app.base.database import session
    from app.roster.models import Graduate

    with plain_app.app_context():
        number = session.get(Graduate, _ids(plain_app, "10001")[0]).id_number  # type: ignore[union-attr]
    client = browse("school10001")
    assert len(_shown(client.get(f"{LIST}?_flt_0_id_number={number}").text)) == 1
    assert _shown(client.get(f"{LIST}?_flt_0_id_number={number[:17]}").text) == set()


@pytest.mark.parametrize("pk", ["0", "-1", "abc", "99999999999999999999999", "1e3", "１", "%00"])
def test_show_of_impossible_id_is_not_found(browse: Browse, pk: str) -> None:
    assert browse("school10001").get(f"/staff/test_graduates/show/{pk}").status_code == 404


def test_every_way_to_a_foreign_row_is_closed(browse: Browse, plain_app: Flask) -> None:
    own, foreign = _ids(plain_app, "10001")[0], _ids(plain_app, "10284")[0]
    client = browse("school10001")
    PlainGraduateView.touched.clear()
    form = _form(client)
    base = "/staff/test_graduates"
    assert client.get(f"{base}/show/{foreign}").status_code == 404
    assert client.post(f"{base}/action/touch/{foreign}", data=form).status_code == 404
    both = _form(client, action="touch", rowid=[own, foreign])
    assert client.post(f"{base}/action_post", data=both).status_code == 404
    assert PlainGraduateView.touched == []
    assert client.get(f"{base}/show/{own}").status_code == 200
    assert client.post(f"{base}/action/touch/{own}", data=form).status_code == 302
    assert client.post(f"{base}/action_post", data=_form(client, action="touch", rowid=[own])).status_code == 302
    assert [type(one).__name__ for one in PlainGraduateView.touched] == ["Graduate", "list"]


def test_get_never_acts(browse: Browse, plain_app: Flask) -> None:
    own = _ids(plain_app, "10001")[0]
    client = browse("school10001")
    PlainGraduateView.touched.clear()
    assert client.get(f"/staff/test_graduates/action/touch/{own}").status_code == 405
    assert client.get("/staff/test_graduates/action_post").status_code == 405
    assert PlainGraduateView.touched == []


def test_post_needs_the_token_of_the_page(browse: Browse, plain_app: Flask) -> None:
    own = _ids(plain_app, "10001")[0]
    client = browse("school10001")
    PlainGraduateView.touched.clear()
    assert client.post(f"/staff/test_graduates/action/touch/{own}").status_code == 400
    assert client.post("/staff/test_graduates/action_post", data={"action": "touch", "rowid": own}).status_code == 400
    assert PlainGraduateView.touched == []


def test_unknown_action_is_not_found(browse: Browse, plain_app: Flask) -> None:
    own = _ids(plain_app, "10001")[0]
    client = browse("school10001")
    assert client.post(f"/staff/test_graduates/action/nope/{own}", data=_form(client)).status_code == 404
    unknown = _form(client, action="nope", rowid=own)
    assert client.post("/staff/test_graduates/action_post", data=unknown).status_code == 404
    assert client.post("/staff/test_graduates/action_post", data=_form(client)).status_code == 404


def test_action_taken_from_the_role_is_forbidden(browse: Browse, plain_app: Flask) -> None:
    from sqlalchemy import text

    from app.base.database import session

    own = _ids(plain_app, "10001")[0]
    client = browse("school10001")
    form = _form(client)
    with plain_app.app_context():
        session.execute(
            text(
                "DELETE FROM ab_permission_view_role WHERE permission_view_id IN (SELECT pv.id FROM ab_permission_view pv"
                " JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id"
                " WHERE p.name = 'touch' AND v.name = 'PlainGraduateView')"
            )
        )
        session.commit()
    PlainGraduateView.touched.clear()
    assert client.post(f"/staff/test_graduates/action/touch/{own}", data=form).status_code == 403
    assert PlainGraduateView.touched == []
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize("way", ["add", "edit/1", "delete/1", "download/x"])
def test_views_do_not_write_unless_they_hold_reference_data(browse: Browse, way: str) -> None:
    client = browse("school10001")
    assert client.get(f"/staff/test_graduates/{way}").status_code == 404
    assert client.post(f"/staff/test_graduates/{way}", data=_form(client)).status_code == 404


@pytest.mark.parametrize("account", ["employer1", "graduate1"])
def test_other_kinds_have_no_staff_list(browse: Browse, account: str) -> None:
    door = "employer" if account.startswith("employer") else "graduate"
    assert browse(account, door).get(LIST).status_code == 403


def test_stranger_is_led_to_the_entrances(plain_app: Flask) -> None:
    answer = plain_app.test_client().get(f"{LIST}?_flt_0_name=x")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/school?next=")


def test_account_without_the_module_is_kept_out(browse: Browse, plain_app: Flask) -> None:
    from sqlalchemy import text

    from app.base.database import session

    client = browse("school10002")
    assert client.get(LIST).status_code == 200
    change = "UPDATE accounts SET modules = jsonb_set(modules, '{employment}', '\"none\"') WHERE user_id = (%s)"
    with plain_app.app_context():
        session.execute(text(change % "SELECT id FROM ab_user WHERE username = 'school10002'"))
        session.commit()
    assert client.get(LIST).status_code == 403
    assert client.get("/staff/test_graduates/export").status_code == 403


def test_part_of_a_page_leads_a_stranger_to_the_entrances(plain_app: Flask) -> None:
    answer = plain_app.test_client().get(LIST, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login/school"


def test_export_holds_the_searched_rows_and_leaves_a_line(browse: Browse, plain_app: Flask) -> None:
    from sqlalchemy import text

    from app.base.database import session

    client = browse("school10284")
    with client.get("/staff/test_graduates/export?_flt_0_cohort=0") as answer:
        assert len(_cells(answer.data)) == 1
    with client.get("/staff/test_graduates/export") as answer:
        assert {row[1] for row in _cells(answer.data)[1:]} == {"南京大学"}
    with plain_app.app_context():
        line = session.execute(text("SELECT actor, action, subject FROM audit_lines ORDER BY id DESC LIMIT 1")).one()
    assert tuple(line) == ("school10284", "export", "PlainGraduateView")


def test_export_says_who_took_it_when_and_by_which_query(browse: Browse) -> None:
    """On a sheet behind the data, which stay as they are, and below each printed page."""
    with browse("school10284").get("/staff/test_graduates/export?_flt_0_name=%E6%9D%8E%26") as answer:
        content = answer.data
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names[1:] == ["导出说明"]
    (line,) = book.get_sheet_by_index(1).to_python()
    assert "school10284" in line[0]
    assert f"{clock.today():%Y-%m-%d} " in line[0]
    assert "/staff/test_graduates/export _flt_0_name=李&" in line[0]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        footer = parts.read("xl/worksheets/sheet1.xml").decode().partition("<oddFooter>")[2]
    assert "school10284" in footer.partition("</oddFooter>")[0]


def test_export_that_is_too_large_is_refused(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.fab import listing

    monkeypatch.setattr(listing, "EXPORT_CAP", 2)
    assert browse("school10284").get("/staff/test_graduates/export").status_code == 409


def _cells(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_two_threads_do_not_see_each_others_search(browse: Browse) -> None:
    def search(name: str, wrong: list[str]) -> None:
        client = browse("province11")
        for _try in range(25):
            page = client.get(f"{LIST}?_flt_2_name={name}").text
            if _shown(page):
                wrong.append(name)

    def look(missing: list[str]) -> None:
        client = browse("province11")
        for _try in range(25):
            if not _shown(client.get(LIST).text):
                missing.append("all")

    seen: list[str] = []
    threads = [threading.Thread(target=search, args=(f"无此人{n}", seen)) for n in range(2)]
    threads += [threading.Thread(target=look, args=(seen,)) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == []


def test_cookie_keeps_no_addresses(browse: Browse) -> None:
    client = browse("school10001")
    for number in range(8):
        client.get(f"{LIST}?_flt_0_name={'很长的查询' * 20}{number}")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert len(cookie.value) < 600
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_view_without_search_columns_is_refused() -> None:
    from app.fab.datamodel import ScopedInterface
    from app.fab.views import ScopedModelView
    from app.roster.models import Graduate

    class Forgetful(ScopedModelView):
        datamodel = ScopedInterface(Graduate)

    class Heavy(ScopedModelView):
        datamodel = ScopedInterface(Graduate)
        search_columns = ["school"]

    class Loose(ScopedModelView):
        datamodel = ScopedInterface(Graduate)
        search_columns = ["name"]
        reference_data = True
        add_columns = ["name"]
        edit_columns = ["school_id"]

    for view in (Forgetful, Heavy, Loose):
        with pytest.raises(TypeError):
            view()
