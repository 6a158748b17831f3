"""Two groupings of the figures and a destination type, each an entry that the program does not know, used everywhere.

Run as a program of its own (`python -m …`): the entries must be there before the application is made.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func

from app import create_app, rooms
from app.base.database import session
from app.destination.models import Destination
from app.destination.reports import report_of
from app.destination.types.shipped import FOLDER, declare_shipped
from app.roster.models import Graduate
from app.statistics import groups
from tests.documents.pictures import picture
from tests.fixtures.phone import phone_in_hand
from tests.house.door import Door, script
from tests.household.stage import Stage

# A code of the roster, and an expression over a column that may be empty, with a date for its value.
CODED, DATED = "political_status", "confirmed_on"
GROUPINGS = {
    CODED: groups.Grouping("政治面貌", Graduate.political_status, groups.coded(CODED), by_code=True),
    DATED: groups.Grouping(
        "确认日期",
        func.date(func.timezone("Asia/Shanghai", Graduate.confirmed_at)),
        groups.as_written,
        key=date.fromisoformat,
        alone=("department",),
    ),
}
TYPE = """
[groups]
studio = [{ use = "employer", label = "工作室名称" }, "region"]

[[type]]
code = "799"
label = "乡村创客"
parent = "75"
hint = "在乡村创办工作室"
fields = ["@studio", { name = "members", kind = "number", label = "团队人数", most = 50, example = 3 }]
proofs = [{ kind = "studio_photo", label = "工作室照片" }]
two_levels = true
"""
FIGURES, HOME = "/staff/statistics/archive", "/graduate/destinations/"


def declare_type() -> None:
    """As one more file of app/destination/data/types."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(FOLDER / "shared.toml", folder)
        (folder / "studios.toml").write_text(TYPE, encoding="utf-8")
        declare_shipped(folder)


def rows_of(content: bytes) -> list[list[Any]]:
    """The lines of a downloaded sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


# Groupings -----------------------------------------------------------------------------------------------------------


def use_groupings(app: Flask) -> None:
    """API, page, people behind each figure, both downloads."""
    with app.app_context():
        one = Stage("archive", "graduate1")
        one.approve(one.create("3"))
        session.remove()
    operator, school = Door(app, "operator", "school"), Door(app, "school10001", "school")
    described = app.test_client().get("/api/v1/_openapi").get_json()["paths"]["/api/v1/statistics/{module}"]["get"]
    asked = next(part["schema"]["enum"] for part in described["parameters"] if part["name"] == "by")
    assert {CODED, DATED} <= set(asked)
    for by, label in ((CODED, "政治面貌"), (DATED, "确认日期")):
        told = operator.call("GET", f"statistics/archive?by={by}")
        assert len(told["result"]) > 1
        assert sum(line["total"] for line in told["result"]) == told["total"]["total"]
        page = operator.page(f"{FIGURES}/?by={by}", label, *(line["label"] or "未填写" for line in told["result"]))
        figures = {line["label"] or "未填写": line for line in told["result"]}
        _people_are_as_many(operator, page, by, figures, told["total"])
        sheet = rows_of(operator.browser.get(f"{FIGURES}/export?by={by}").data)
        assert sheet[0][0] == label
        assert [str(line[0]) for line in sheet[1:]] == [*(line["label"] or "未填写" for line in told["result"]), "总计"]
        assert [int(line[1]) for line in sheet[1:-1]] == [line["total"] for line in told["result"]]
    codes = [line["code"] for line in operator.call("GET", f"statistics/archive?by={CODED}")["result"]]
    assert codes == sorted(codes)
    assert "党员" in str(school.page(f"{FIGURES}/?by={CODED}"))
    assert "确认日期" in school.page(f"{FIGURES}/")
    assert "确认日期" not in Door(app, "dept10001a", "school").page(f"{FIGURES}/")
    assert operator.browser.get(f"{FIGURES}/people?by={DATED}&key=junk").status_code == 200


def _people_are_as_many(operator: Door, page: str, by: str, figures: dict[str, Any], total: dict[str, Any]) -> None:
    """The link behind each figure leads to so many people, on the page and in their download."""
    links = [one.replace("&amp;", "&") for one in re.findall(rf'href="({FIGURES}/people\?[^"]*)"', page)]
    assert len(links) >= len(figures)
    for line in figures.values():
        key = {"key": line["code"]} if line["code"] else {"without": "1"}
        mine = f"{FIGURES}/people?{urlencode({'by': by, 'progress': 'unregistered', **key})}"
        assert (mine in links) == bool(line["unregistered"]), (mine, links)
        people = rows_of(operator.browser.get(mine.replace("/people?", "/people/export?")).data)
        assert len(people) - 1 == line["unregistered"], (mine, line)
    everybody = operator.browser.get(f"{FIGURES}/people/export?by={by}&progress=unregistered")
    assert len(rows_of(everybody.data)) - 1 == total["unregistered"]


# A destination type --------------------------------------------------------------------------------------------------


def use_type(app: Flask) -> None:
    """Questions, form, completeness check, review on two levels, download, report, dictionary, code table."""
    app.cli.main(args=["destinations", "load"], prog_name="flask", standalone_mode=False, obj=script(app))
    graduate, department = Door(app, "graduate2", "graduate"), Door(app, "dept10001a", "school")
    school, operator = Door(app, "school10001", "school"), Door(app, "operator", "school")
    described = {one["code"]: one for one in graduate.call("GET", "dictionaries/destination_types")["result"]}["799"]
    assert (described["schema"]["required"], described["proofs"][0]["kind"]) == (
        ["employer", "region", "members"],
        "studio_photo",
    )
    graduate.page(f"{HOME}types/?at=own", "乡村创客")
    graduate.page(f"{HOME}types/799", "在乡村创办工作室", "工作室照片")
    edit = graduate.press(f"{HOME}types/799", f"{HOME}types/799")
    graduate.page(edit, 'name="data.members"', "团队人数", 'name="photo.studio_photo"')
    filled = {"data.employer": "青山工作室", "data.region": "330106", "data.members": "3", "do": "check"}
    refused = graduate.browser.post(edit, data={**filled, "csrf_token": graduate.token(edit)})
    assert refused.status_code == 422
    assert "工作室照片" in refused.text
    files = {"photo.studio_photo": (io.BytesIO(picture()), "studio.jpg")}
    checked = graduate.browser.post(edit, data={**filled, **files, "csrf_token": graduate.token(edit)}).location
    graduate.page(checked, "青山工作室")
    graduate.press(re.sub("check$", "submit", checked), checked)
    (case,) = graduate.call("GET", "destination/")["result"]
    assert (case["state"], case["data"]["type"]) == ("dept_review", "799"), case
    shown = f"/staff/destinations/show/{case['id']}"
    for reviewer in (department, school):
        reviewer.page("/staff/destinations/list/", "乡村创客")
        reviewer.page(shown, "青山工作室", "团队人数", "工作室照片")
        reviewer.press(f"/staff/destinations/decide/{case['id']}/approve", shown)
    assert graduate.call("GET", f"destination/{case['id']}")["result"]["state"] == "approved"
    sheet = rows_of(school.call("GET", "destination/export"))
    line = dict(zip(sheet[0], sheet[1], strict=True))
    assert {"799", "乡村创客", "青山工作室"} <= set(line.values()), line
    assert float(line["团队人数"]) == 3
    with app.app_context():
        told = report_of(session.get_one(Destination, case["id"]))
        session.remove()
    assert (told["code"], told["label"], told["employer"]) == ("799", "乡村创客", "青山工作室")
    assert "799" in [one["code"] for one in graduate.call("GET", "dictionaries/destination")["result"]]
    operator.page("/staff/destination-types/list/?psize_DestinationTypeView=100", "乡村创客")


def main() -> None:
    """Declare, make the application, use."""
    groups.GROUPINGS = {**groups.GROUPINGS, **GROUPINGS}
    rooms.load_rooms()
    declare_type()
    app = create_app()
    with phone_in_hand():
        use_groupings(app)
        use_type(app)
    print("used through every door")


if __name__ == "__main__":
    main()
