"""Sheets as schools upload them, good ones and odd ones; all people are invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import count
from typing import Any

import xlsxwriter

from app.base.cohorts import current_cohort
from app.base.values.id_numbers import id_check_digit
from app.roster.imports.columns import HEADINGS

_serials = count(1)


def id_number(serial: int, sex: str = "1", born: str = "20050301") -> str:
    """A valid identity number, another one for each serial."""
    body = f"110101{born}{(serial * 2 + (sex == '1')) % 1000:03d}"
    return body + id_check_digit(body)


def student(**changes: Any) -> dict[str, Any]:
    """A new student of 10284 by headings, another one at each call."""
    serial = next(_serials)
    born = f"{2003 + serial // 400 % 3}{serial // 28 % 12 + 1:02d}{serial % 28 + 1:02d}"
    return {
        "考生号": f"2332{serial:010d}",
        "学号": f"2023{serial:06d}",
        "姓名": "温书言",
        "性别": "1",
        "身份证号": id_number(serial, born=born),
        "民族": "01",
        "政治面貌": "03",
        "院校代码": "10284",
        "院系": "历史学院",
        "专业": "考古学",
        "学历": "31",
        "学制": "4",
        "培养方式": "1",
        "届别": str(current_cohort()),
        "毕业时间": f"{current_cohort()}-06-30",
        "生源地代码": "320102",
        "困难生类别": "0",
        "师范生类别": "2",
        "手机号": "13800138000",
        "电子邮箱": "wen@student.invalid",
        "家庭住址": "南京市仙林大道163号",
        "证件类型": "",
        "学习形式": "",
        "城乡生源": "",
        "专业方向": "",
        "专业代码": "",
        "入学年月": "",
        "委培单位": "",
        **changes,
    }


def sheet(*rows: dict[str, Any], headings: Sequence[str] = HEADINGS, name: str = "学生名单") -> bytes:
    """An xlsx of these rows; texts stay texts, numbers numbers."""
    return table([list(headings), *([row.get(heading, "") for heading in headings] for row in rows)], name=name)


def table(rows: Sequence[Sequence[Any]], *, name: str = "学生名单", edit: Any = None) -> bytes:
    """An xlsx of these cells; `edit(book, sheet)` may add what a sheet should not have."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet(name)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(line, place, cell)
            elif cell is not None:
                page.write(line, place, cell)
    if edit is not None:
        edit(book, page)
    book.close()
    return file.getvalue()
