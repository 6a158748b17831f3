"""就业方案: 39 columns in their order, codes as text, in three forms, with what each line lacks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dbf
import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from app.base.cohorts import current_cohort
from app.base.database import session
from app.roster.models import Graduate
from tests.destination.stage import Stage as DestinationStage
from tests.signing.paper.stage import PaperStage
from tests.signing.stage import Stage, user

Api = Callable[..., Any]
HEADINGS = [
    *[
        "学号",
        "考生号",
        "姓名",
        "性别",
        "出生日期",
        "生源地名称",
        "生源地代码",
        "民族名称",
        "政治面貌",
        "城乡生源",
        "学历层次",
    ],
    *["专业名称", "专业方向", "专业代码", "入学年月", "毕业日期", "毕业年份", "培养方式", "委培单位", "学习形式"],
    *["毕业去向类别代码", "毕业去向", "签约日期", "单位名称", "统一社会信用代码"],
    *["留学国家地区", "留学院校中文名称", "留学院校外文名称", "留学专业中文名称", "留学专业外文名称"],
    *["单位性质代码", "单位性质", "单位行业代码", "单位行业", "单位所在地代码", "单位所在地", "单位地址"],
    *["工作职位类别代码", "工作职位类别"],
]


@pytest.fixture(scope="module", autouse=True)
def _world(application: Flask, database: str) -> Iterator[None]:
    """Of 10001: signed online, signed on paper, abroad, in a company, an own sub-type of 10, one with nothing."""
    with application.app_context():
        Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
        PaperStage("graduate2").supplementary("signed")
        first = session.get_one(Graduate, user("graduate1").graduate_id)
        first.origin_kind, first.direction, first.major_code = "2", "人工智能", "080901"
        first.enrolled_in, first.commissioned_by = "2023-09", "示例委培单位"
        session.commit()
        DestinationStage("graduate3").bring("approved", "85")
        DestinationStage("graduate4", "dept10001b").bring("approved", "11")
        DestinationStage("graduate5", "dept10001b").bring("approved", "10B")
        session.remove()
    return


def _ordered(api: Api, drain: Any, kind: str, who: str = "school10001") -> tuple[bytes, dict[str, Any]]:
    caller = api(who)
    answer = caller.get(f"/reports/employment_plan?cohort={current_cohort()}&format={kind}")
    assert answer.status_code == 202
    drain()
    job = caller.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]
    assert job["state"] == "done", job
    assert job["sheet"], job
    return caller.get(job["sheet"].removeprefix("/api/v1")).data, job["outcome"]


def _sheet(content: bytes, number: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(number).to_python()


def test_the_workbook(api: Api, drain: Any) -> None:
    """Each graduate once, with what they have in force."""
    content, told = _ordered(api, drain, "xlsx")
    head, *rows = _sheet(content)
    assert head == HEADINGS
    assert told["ok"]
    assert len(rows) == 6
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    assert all(isinstance(cell, str) for row in rows for cell in row)
    codes = [line["毕业去向类别代码"] for line in lines]
    assert sorted(codes) == ["10", "10", "10", "11", "70", "85"]
    online, paper, abroad, company, soldier, nothing = lines
    assert online["单位名称"]
    assert len(online["统一社会信用代码"]) == 18
    assert online["工作职位类别代码"] == "13"
    assert online["签约日期"]
    held = ("城乡生源", "专业方向", "专业代码", "入学年月", "委培单位")
    assert [online[one] for one in held] == ["农村", "人工智能", "080901", "2023-09", "示例委培单位"]
    assert (paper["单位名称"], paper["单位所在地代码"]) == ("清河木器厂", "130104")
    assert abroad["留学院校外文名称"] == "Example University"
    assert abroad["留学国家地区"]
    assert not abroad["单位名称"]
    assert company["单位名称"]
    assert company["签约日期"]
    assert soldier["毕业去向"] == "签就业协议形式就业"
    assert nothing["毕业去向"] == "待就业"
    assert all(line["出生日期"][4] == "-" and line["毕业年份"] == str(current_cohort()) for line in lines)
    missing = _sheet(content, 1)
    check = api("school10001").get("/reports/employment_plan/check").get_json()
    assert len(missing) - 1 == check["count"]
    assert (check["rows"], check["columns"]["城乡生源"]) == (6, 5)
    assert "城乡生源" in check["result"][1]["lacking"]


def test_text_and_dbf_hold_the_same(api: Api, drain: Any, tmp_path: Path) -> None:
    """The same lines in every form; DBF in GBK under the short names."""
    wanted = [[str(cell) for cell in row] for row in _sheet(_ordered(api, drain, "xlsx")[0])]
    text = _ordered(api, drain, "csv")[0].decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[:-1] == wanted
    assert rows[-1][0].startswith("# ")
    content, _told = _ordered(api, drain, "dbf")
    held = [[cell.encode("gbk", "replace").decode("gbk") for cell in row] for row in wanted[1:]]
    assert content[29] == 0x4D  # GBK, as readers are told
    path = tmp_path / "plan.dbf"
    path.write_bytes(content)
    with dbf.Table(str(path)).open() as table:
        found = [[str(one).strip() for one in record] for record in table]
    assert found == held


def test_who_may_order_it(api: Api, drain: Any) -> None:
    """Each their own graduates; units and graduates none; another's file is not there."""
    for who, rows in (("dept10001a", 3), ("school10002", 4)):
        text = _ordered(api, drain, "csv", who)[0].decode("utf-8-sig")
        assert len(text.splitlines()) >= rows + 2
        assert api(who).get("/reports/employment_plan/check").get_json()["rows"] >= rows
    for who in ("employer1", "graduate1", "school10558"):
        assert api(who).get("/reports/employment_plan").status_code == 403
    assert api("school10001").get("/reports/employment_plan?format=doc").status_code == 400
    assert api("school10001").get("/reports/employment_plan?cohort=1999").status_code == 400
    job = api("school10001").get("/reports/employment_plan").get_json()["job_id"]
    assert api("school10002").get(f"/jobs/{job}/sheet").status_code == 404
