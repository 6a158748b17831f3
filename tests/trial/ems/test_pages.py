"""The stand-in's pages: what school staff click there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.standin import Standin, running
from trial.postgres import Postgres

Build = Callable[..., dict[str, Any]]
EXAM = "27110001000001"


class Pages:
    """A person at the pages: keeps cookies and sends the form token along."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)

    def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self.http.get(path)

    def post(self, path: str, form: str, **data: Any) -> httpx.Response:
        """Send a form that stands on the page `form`."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form).text)
        assert found, form
        return self.http.post(path, data={"csrf_token": found[1], **data})


@pytest.fixture
def pages(standin: Standin) -> Iterator[Pages]:
    """Somebody at the open pages."""
    person = Pages(standin.url)
    yield person
    person.http.close()


@pytest.fixture
def place(standin: Standin, school: str, student_of: Build) -> str:
    """The address of a student who is on the roster."""
    standin.http.put(f"/schools/{school}", json={"name": "示例大学"})
    rows = [student_of(), student_of("27110001000002", name="周予安"), student_of("27110001000003", name="<b>")]
    standin.http.put(f"/schools/{school}/cohorts/2027/students", json={"students": rows})
    return f"/students/{school}/2027/{EXAM}"


def test_rosters_lead_to_students_and_search_finds_them(pages: Pages, place: str, school: str) -> None:
    assert "示例大学" in pages.get("/").text
    every = pages.get(f"/schools/{school}/2027").text
    assert "林知远" in every
    assert "周予安" in every
    assert "110101200501011237" not in every, "lists mask the ID number"
    assert "&lt;b&gt;" in every
    assert "<b>" not in every
    some = pages.get(f"/schools/{school}/2027?q=周予").text
    assert "林知远" not in some
    assert "周予安" in some
    for odd in ("?page=99999999999", "?page=x", "?q=%25", "?q=%00", "?view=nonsense"):
        assert pages.get(f"/schools/{school}/2027{odd}").status_code == 200


def test_the_reported_destination_is_shown_and_locked(standin: Standin, pages: Pages, place: str) -> None:
    body = {"sequence": 1, "record": {"code": "10", "employer": "北京云帆数据科技有限公司", "nature": "39"}}
    answer = standin.http.put(f"{place}/records/destination", json=body, headers={"Idempotency-Key": place})
    assert answer.json()["applied"] is True
    page = pages.get(place).text
    assert "北京云帆数据科技有限公司" in page
    assert "签就业协议形式就业" in page
    assert "其他企业" in page
    assert 'name="employer"' not in pages.get(f"{place}/edit").text


def test_basic_information_is_edited_and_wrong_fields_are_told(
    standin: Standin, pages: Pages, place: str, student_of: Build
) -> None:
    fields = {name: value for name, value in student_of().items() if name != "exam_number"}
    refused = pages.post(f"{place}/edit", f"{place}/edit", **{**fields, "name": "", "training_mode": "2"})
    assert refused.status_code == 422
    assert "name-error" in refused.text
    assert "21/22" in refused.text
    assert pages.post(f"{place}/edit", f"{place}/edit", **{**fields, "sex": "2"}).status_code == 200
    assert standin.http.get(place).json()["student"]["sex"] == "2"


def test_removing_asks_first_and_both_ways_bring_back(standin: Standin, pages: Pages, place: str) -> None:
    asked = pages.get(f"{place}/remove")
    assert asked.status_code == 200
    assert standin.http.get(place).json()["student"]["removed"] is False
    for way in ("upload", "restore"):
        pages.post(f"{place}/remove", f"{place}/remove")
        assert standin.http.get(place).json()["student"]["removed"] is True
        assert pages.post(f"{place}/{way}", place).status_code == 200
        assert standin.http.get(place).json()["student"]["removed"] is False


def test_bulk_removal_asks_first_and_stops_when_signing_is_open(
    standin: Standin, pages: Pages, place: str, school: str
) -> None:
    roster = f"/schools/{school}/2027"
    pages.post(f"{roster}/remove", roster, exam_number=["27110001000002"])
    assert standin.http.get(f"/students/{school}/2027/27110001000002").json()["student"]["removed"] is False
    pages.post(f"{roster}/remove", roster, exam_number=["27110001000002"], sure="yes")
    assert standin.http.get(f"/students/{school}/2027/27110001000002").json()["student"]["removed"] is True
    standin.http.put(f"/schools/{school}/cohorts/2027/switch", json={"open": True})
    assert pages.post(f"{roster}/remove", roster, exam_number=[EXAM], sure="yes").status_code == 409
    assert standin.http.get(place).json()["student"]["removed"] is False


def test_nothing_changes_without_the_form_token(standin: Standin, place: str) -> None:
    assert httpx.post(f"{standin.url}{place}/remove").status_code == 400
    assert standin.http.get(place).json()["student"]["removed"] is False


def test_what_is_not_there_is_a_page_not_a_trace(pages: Pages) -> None:
    for path in ("/students/1/1/1", "/schools/00000/2027", "/nothing", "/schools/%00/2027"):
        answer = pages.get(path)
        assert answer.status_code == 404
        assert "Traceback" not in answer.text


def test_with_a_page_password_the_pages_ask_for_it(postgres: Postgres, tmp_path: Path) -> None:
    closed = Standin(postgres.url("ems_closed"), tmp_path, "token-of-this-test-1", EMS_PAGE_PASSWORD="page-pass")
    with running(closed) as standin:
        person = Pages(standin.url)
        assert "password" in person.get("/schools/1/2027").text
        assert 'name="password"' in person.post("/login", "/login", password="wrong").text
        away = person.http.post("/login?next=//evil.example", data={}, follow_redirects=False)
        assert away.status_code == 400
        person.post("/login?next=//evil.example", "/login", password="page-pass")
        assert str(person.http.get("/").url).startswith(standin.url)
        assert 'name="password"' not in person.get("/").text
        assert httpx.put(f"{standin.url}/api/v1/schools/1", json={"name": "x"}).status_code == 401
        person.http.close()
