"""The figures of employment on the staff's screens: numbers that lead to as many people, sheets that add up, papers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from app.base.database import session
from tests.fixtures.pages import token
from tests.statistics.histories import Life
from trial.demo.country import PASSWORD

PAGES = "/staff/statistics/employment"


@pytest.fixture(scope="module", autouse=True)
def _world(application: Flask, database: str) -> Iterator[None]:
    with application.app_context():
        Life(5).live(60)
        session.remove()
    return


@pytest.fixture
def school(app: Flask) -> FlaskClient:
    return _staff(app.test_client(), "school10001")


def _staff(client: FlaskClient, username: str) -> FlaskClient:
    page = client.get("/login/school").get_data(as_text=True)
    sent = {"username": username, "password": PASSWORD, "csrf_token": token(page)}
    assert client.post("/login/school", data=sent).status_code == 302
    return client


def _rows(content: bytes, sheet: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a", "province44"])
@pytest.mark.parametrize("section", ["", "records", "days", "hints", "snapshots"])
def test_every_section_opens(app: Flask, who: str, section: str) -> None:
    """For every kind of reader, with figures or without."""
    page = _staff(app.test_client(), who).get(f"{PAGES}/{section}")
    assert page.status_code == 200
    assert "就业统计" in page.get_data(as_text=True)


@pytest.mark.parametrize("query", ["", "?by=destination", "?by=employer", "?by=education&then=sex", "?formula=2021"])
def test_numbers_lead_to_as_many_people(school: FlaskClient, query: str) -> None:
    """Each link of the page is followed."""
    for section in ("", "records"):
        page = school.get(f"{PAGES}/{section}{query}").get_data(as_text=True)
        links = re.findall(rf'<a href="({PAGES}/people\?[^"]*)"[^>]*>\s*([\d,]+)</a>', page)
        assert links
        for address, number in {(one.replace("&amp;", "&"), number) for one, number in links}:
            people = school.get(address)
            told = re.search(r"· ([\d,]+) 行", people.get_data(as_text=True))
            assert told is not None, address
            assert told[1] == number, address


def test_the_sheet_adds_up_by_formulas(school: FlaskClient) -> None:
    """Totals and rates are formulas; what they show is what the page says."""
    sheet = school.get(f"{PAGES}/export?by=sex")
    rows = _rows(sheet.data)
    assert rows[0][:3] == ["按性别", "毕业生总数", "已登记"] or rows[0][0] == "按性别"
    total = rows[-1]
    assert total[0] == "总计"
    for place in range(1, 6):
        assert total[place] == sum(row[place] for row in rows[1:-1])
    book = zipfile.ZipFile(io.BytesIO(sheet.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>SUM(B2:B" in book
    assert "ROUND(" in book
    for kind in ("csv", "ndjson"):
        assert school.get(f"{PAGES}/export?format={kind}").status_code == 200
    people = _rows(school.get(f"{PAGES}/people/export?figure=total").data)
    assert len(people) - 1 == total[1]


def _made(client: FlaskClient, drain: Any, address: str) -> bytes:
    ordered = client.get(f"{PAGES}/{address}")
    assert ordered.status_code == 303, ordered.get_data(as_text=True)
    drain()
    file = client.get(f"{ordered.location}/file")
    assert file.status_code == 200, client.get(ordered.location).get_data(as_text=True)
    return file.data


def test_the_report_is_a_paper(school: FlaskClient, drain: Any) -> None:
    """A4, Chinese, dated, with the definitions."""
    reader = PdfReader(io.BytesIO(_made(school, drain, "report")))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "届毕业生毕业去向落实情况" in text
    assert "毕业去向落实率(2024口径)" in text.replace("\n", "")
    assert "下载" in text
    width, height = (float(one) for one in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_a_snapshot_is_compared_with_today(app: Flask, school: FlaskClient) -> None:
    """Kept under a digest, seen by the province, not by another school."""
    page = school.get(f"{PAGES}/snapshots").get_data(as_text=True)
    taken = school.post(f"{PAGES}/snapshots/take", data={"csrf_token": token(page)})
    assert taken.status_code == 302
    shown = school.get(taken.location).get_data(as_text=True)
    assert "北京大学" in shown
    assert "与摘要不符" not in shown
    assert "(+" not in shown
    assert _staff(app.test_client(), "province11").get(taken.location).status_code == 200
    assert _staff(app.test_client(), "school10002").get(taken.location).status_code == 404
    with app.app_context():
        Life(6).live(40)
        session.remove()
    assert "北京大学" in school.get(taken.location).get_data(as_text=True)


def test_foreign_files_and_closed_doors(app: Flask, school: FlaskClient, drain: Any) -> None:
    """A file is whose job it was; a school without the module reads nothing."""
    ordered = school.get(f"{PAGES}/plan?format=dbf").location
    drain()
    assert school.get(f"{ordered}/file").data[29] == 0x4D
    assert _staff(app.test_client(), "school10002").get(ordered).status_code == 404
    assert _staff(app.test_client(), "school10558").get(f"{PAGES}/").status_code == 403
    assert school.get(f"{PAGES}/?school=10002").status_code == 404
    assert school.get(f"{PAGES}/people?figure=nothing").status_code == 400


def test_provinces_are_drawn_as_tiles_that_lead_to_their_people(school: FlaskClient) -> None:
    page = school.get(f"{PAGES}/?by=origin").text
    drawn, table = page.partition("</svg><figcaption")[0], page.partition("</svg><figcaption")[2]
    found = re.findall(r'<a href="([^"]+)"><title>(\S+) (\d+)', drawn)
    assert found
    assert drawn.count("tilemap__tile") == 34
    for address, label, count in found:
        assert label in table
        people = school.get(address.replace("&amp;", "&")).text.partition("<tbody")[2].partition("</tbody")[0]
        assert people.count("<tr") == min(int(count), 50)
    assert "tilemap" not in school.get(f"{PAGES}/?by=sex").text
