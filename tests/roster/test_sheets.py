"""Sheets that are refused, each in words and without writing anything (R4.1)."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from app.access.actors import Actor
from app.base.cohorts import current_cohort
from app.base.database import session
from app.base.errors import TooLarge, UnsupportedMedia
from app.base.workbook import read_sheet
from app.roster.imports import columns
from app.roster.imports.columns import HEADINGS
from app.roster.imports.services.batches import receive_sheet
from app.roster.models import BatchPart, Graduate, RosterBatch
from tests.roster.conftest import Check
from tests.roster.sheets import id_number, sheet, student, table

ROW = [student()[heading] for heading in HEADINGS]


def problems(batch: RosterBatch) -> set[tuple[int, str]]:
    return {(error["row"], error["column"]) for error in batch.errors}


def is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def refused(check: Check, content: bytes) -> RosterBatch:
    """Check it; all promises of a refused sheet hold."""
    before = session.scalar(select(func.count(Graduate.id)))
    batch = check(content)
    assert batch.state == "refused"
    assert batch.errors
    assert all(is_chinese(error["message"]) for error in batch.errors), batch.errors
    assert session.scalar(select(func.count(Graduate.id))) == before
    assert session.scalar(select(func.count()).where(BatchPart.batch_id == batch.id)) == 0
    return batch


def xml(content: bytes, change: Callable[[bytes], bytes], member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The same file with one member rewritten."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            data = old.read(one)
            new.writestr(one.filename, change(data) if one.filename == member else data)
    return target.getvalue()


# Whole files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip at all", b"PK\x03\x04 but nothing behind", ",".join(HEADINGS).encode(), b"%PDF-1.7\n" * 100],
)
def test_what_is_no_xlsx_is_refused_at_once(app_context: Any, school: Actor, content: bytes) -> None:
    with pytest.raises(UnsupportedMedia) as refusal:
        receive_sheet(content, "名单.xlsx", actor=school)
    assert is_chinese(refusal.value.message)


def test_zip_of_something_else_is_no_xlsx(app_context: Any, school: Actor) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "x")
    with pytest.raises(UnsupportedMedia):
        receive_sheet(file.getvalue(), "名单.xlsx", actor=school)


def test_file_beyond_the_limit_is_refused_at_once(app_context: Any, school: Actor) -> None:
    with pytest.raises(TooLarge):
        receive_sheet(b"PK" + bytes(columns.MOST_BYTES), "名单.xlsx", actor=school)


def test_zip_bomb_is_refused_at_once(app_context: Any, school: Actor) -> None:
    bomb = xml(sheet(student()), lambda _old: b"<worksheet>" + b" " * (columns.MOST_UNPACKED + 1))
    assert len(bomb) < 2 * 1024 * 1024
    with pytest.raises(TooLarge) as refusal:
        receive_sheet(bomb, "名单.xlsx", actor=school)
    assert is_chinese(refusal.value.message)


def test_zip_bomb_that_lies_about_its_size_is_refused(check: Check) -> None:
    size = 50 * 1024 * 1024
    bomb = xml(sheet(student()), lambda _old: b"<worksheet>" + b" " * size)
    told, lie = struct.pack("<L", size + 11), struct.pack("<L", 4096)
    refused(check, bomb.replace(told, lie))


def test_many_members_are_refused_at_once(app_context: Any, school: Actor) -> None:
    file = io.BytesIO(sheet(student()))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(columns.MOST_MEMBERS):
            archive.writestr(f"xl/media/{number}", b"")
    with pytest.raises(TooLarge):
        receive_sheet(file.getvalue(), "名单.xlsx", actor=school)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_file_cut_off_is_refused(app_context: Any, school: Actor, cut: float) -> None:
    content = sheet(*(student() for _ in range(50)))
    with pytest.raises(UnsupportedMedia):
        receive_sheet(content[: int(len(content) * cut)], "名单.xlsx", actor=school)


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_damaged_file_is_refused(check: Check, member: str) -> None:
    refused(check, xml(sheet(student()), lambda data: data[: len(data) // 2], member))


def test_flipped_bytes_never_break_the_check(check: Check) -> None:
    content = bytearray(sheet(student(), student()))
    for place in range(200, len(content) - 200, len(content) // 25):
        damaged = bytes(content[:place]) + bytes([content[place] ^ 0xFF]) + bytes(content[place + 1 :])
        try:
            assert check(damaged).state in ("refused", "ready")
        except (UnsupportedMedia, TooLarge):
            continue


def test_entity_bomb_is_refused(check: Check) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><workbook>&e11;</workbook>'.encode()
    refused(check, xml(sheet(student()), lambda _old: bomb, "xl/workbook.xml"))


def test_one_long_text_used_by_every_cell_is_refused(check: Check) -> None:
    content = sheet(student())
    long = b"<si><t>" + b"x" * (columns.LONGEST_STRING + 1) + b"</t></si></sst>"
    batch = refused(check, xml(content, lambda data: data.replace(b"</sst>", long), "xl/sharedStrings.xml"))
    assert batch.errors[0]["row"] == 0


def test_file_that_kills_its_readers_is_refused_after_three(
    check: Check, school: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.roster.imports.services import batches
    from app.workflow import queues

    monkeypatch.setattr(batches, "read_sheet", lambda *_given: pytest.fail("must not be read again"))
    batch = receive_sheet(sheet(student()), "名单.xlsx", actor=school)
    queues.redis().set(f"roster:tries:{batch.id}", batches.MOST_TRIES)
    batches.check_batch(batch.id)
    assert batch.state == "refused"


def test_mistake_of_the_program_refuses_the_sheet_and_does_not_loop(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.roster.imports.services import batches

    monkeypatch.setattr(batches, "check_rows", lambda *_args: 1 / 0)
    assert refused(check, sheet(student())).errors[0]["row"] == 0


# The sheet ----------------------------------------------------------------------------------------------------------


def test_headings_must_be_those_of_the_template(check: Check) -> None:
    headings = [*HEADINGS]
    headings[2], headings[3] = headings[3], headings[2]
    batch = refused(check, table([headings, ROW]))
    assert problems(batch) == {(1, "姓名"), (1, "性别")}
    assert "C" in batch.errors[0]["message"]


def test_missing_and_further_columns_are_named(check: Check) -> None:
    assert problems(refused(check, table([HEADINGS[:-8], ROW[:-8]]))) == {(1, "家庭住址")}
    assert check(table([HEADINGS[:-7], ROW[:-7]])).state == "ready", "all behind the address came later"
    assert problems(refused(check, table([[*HEADINGS, "备注"], [*ROW, "好学生"]]))) == {(1, "AC")}
    far = table([HEADINGS, ROW], edit=lambda _book, page: page.write_string(1, 60, "x"))
    assert problems(refused(check, far)) == {(2, "BI")}


def test_blank_headings_and_spaces_around_them_do_no_harm(check: Check) -> None:
    batch = check(table([[f" {heading} " for heading in HEADINGS], ROW]))
    assert batch.state == "ready"


@pytest.mark.parametrize("content", [table([]), table([HEADINGS]), table([HEADINGS, [""] * len(HEADINGS)])])
def test_sheet_without_students_is_refused(check: Check, content: bytes) -> None:
    refused(check, content)


def test_a_row_of_blanks_is_passed_over(check: Check) -> None:
    """Programs that keep a format below the list leave such rows."""
    batch = check(table([HEADINGS, ROW, [" "] * 21, ["　", *[""] * 20]]))
    assert (batch.state, batch.rows) == ("ready", 1)


def test_merged_cells_are_refused_with_their_place(check: Check) -> None:
    content = table([HEADINGS, ROW, ROW], edit=lambda _book, page: page.merge_range("I2:I3", "历史学院"))
    assert problems(refused(check, content)) == {(2, "院系")}


def _formula(result: bytes) -> bytes:
    content = table([HEADINGS, ROW], edit=lambda _book, page: page.write_formula("C2", "=A2", None, "温书言"))
    return xml(content, lambda data: data.replace("<v>温书言</v>".encode(), result))


@pytest.mark.parametrize("result", [b"", b"<v></v>", b"<v/>"])
def test_formulas_without_a_result_are_refused_with_their_place(check: Check, result: bytes) -> None:
    content = xml(_formula(result), lambda data: data.replace(b' t="str"', b""))
    assert problems(refused(check, content)) == {(2, "姓名")}


def test_the_result_of_a_formula_is_taken(check: Check) -> None:
    assert check(_formula("<v>温书言</v>".encode())).state == "ready"


def test_formulas_and_merged_cells_of_other_sheets_do_no_harm(check: Check) -> None:
    def edit(book: Any, _page: Any) -> None:
        other = book.add_worksheet("统计")
        other.write_formula("A1", "=SUM(B1:B9)")
        other.merge_range("C1:D2", "x")

    assert check(table([HEADINGS, ROW], edit=edit)).state == "ready"


def test_students_sheet_is_found_by_its_name(check: Check) -> None:
    def edit(book: Any, _page: Any) -> None:
        page = book.add_worksheet("学生名单")
        for line, row in enumerate((HEADINGS, ROW)):
            for place, cell in enumerate(row):
                page.write_string(line, place, cell)

    assert check(table([["别的"]], name="封面", edit=edit)).state == "ready"


def test_sheet_whose_tags_have_a_prefix_is_looked_through_as_well(check: Check) -> None:
    def prefixed(data: bytes) -> bytes:
        text = re.sub(rb"<(/?)(?!\?)(?=[A-Za-z])", rb"<\1x:", data)
        return text.replace(b"xmlns=", b"xmlns:x=", 1)

    refused(check, xml(xml(_formula(b""), lambda data: data.replace(b' t="str"', b"")), prefixed))


@pytest.mark.parametrize("rows", [1_048_576, 300_000])
def test_a_million_rows_are_refused_quickly(check: Check, rows: int) -> None:
    line = b'<row r="%d"><c r="A%d"/></row>'

    def grow(data: bytes) -> bytes:
        more = b"".join(line % (number, number) for number in range(3, rows + 1))
        return data.replace(b"</sheetData>", more + b"</sheetData>")

    batch = refused(check, xml(sheet(student()), grow))
    assert "100000" in batch.errors[0]["message"].replace(",", "")


def test_a_row_far_below_is_refused_before_it_fills_the_memory(check: Check) -> None:
    def far(data: bytes) -> bytes:
        return data.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576" t="s"><v>0</v></c></row></sheetData>')

    refused(check, xml(sheet(student()), far))


# Cells --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "cell", "says"),
    [
        ("身份证号", int(ROW[4][:17] + "0"), "文本"),
        ("身份证号", 1.10101200503011e17, "文本"),
        ("身份证号", "110101200503010000", "身份证号"),
        ("身份证号", "", "填写"),
        ("考生号", 23320000000001, "文本"),
        ("考生号", "12", "考生号"),
        ("学号", 2023000001, "文本"),
        ("姓名", "", "填写"),
        ("姓名", "甲" * 65, "64"),
        ("姓名", True, "TRUE"),
        ("家庭住址", "仙林大道\n163号", "换行"),
        ("性别", "男", "男"),
        ("民族", "1", "1"),
        ("民族", 1, "1"),
        ("政治面貌", "99", "99"),
        ("院校代码", "10001", "10284"),
        ("院系", "", "填写"),
        ("专业", "", "填写"),
        ("学历", "本科", "本科"),
        ("学制", "四年半", "4"),
        ("学制", 2.4, "2.5"),
        ("学号", "#N/A", "#N/A"),
        ("培养方式", "2", "21/22"),
        ("培养方式", "4", "41/42"),
        ("培养方式", 2, "21/22"),
        ("届别", "明年", "整数"),
        ("届别", str(current_cohort() - 4), "届"),
        ("届别", str(current_cohort() + 1), "届"),
        ("毕业时间", "2027年6月", "缺少日期"),
        ("毕业时间", "2027-02-30", "没有这一天"),
        ("毕业时间", 4620, "2027"),
        ("毕业时间", 46203.5, "文本"),
        ("毕业时间", datetime(2027, 6, 30, 8, 30), "2027"),
        ("生源地代码", "999999", "999999"),
        ("困难生类别", "9", "9"),
        ("师范生类别", "3", "3"),
        ("手机号", "1234", "手机"),
        ("手机号", 13800138000.5, "文本"),
        ("电子邮箱", "wen(at)student", "邮箱"),
        ("家庭住址", "路" * 129, "128"),
    ],
)
def test_wrong_cell_is_named_by_row_and_column(check: Check, heading: str, cell: Any, says: str) -> None:
    def edit(book: Any, page: Any) -> None:
        if isinstance(cell, datetime):
            page.write_datetime(2, HEADINGS.index(heading), cell, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    bad = [*ROW]
    bad[0], bad[HEADINGS.index(heading)] = "23320000000999", cell if not isinstance(cell, datetime) else ""
    batch = refused(check, table([HEADINGS, ROW, bad], edit=edit))
    assert problems(batch) == {(3, heading)}, batch.errors
    assert says in batch.errors[0]["message"], batch.errors


@pytest.mark.parametrize(
    ("heading", "cell"),
    [("届别", current_cohort()), ("学制", 4), ("培养方式", 22), ("学历", 31.0), ("院校代码", 10284)],
)
def test_number_that_cannot_have_lost_anything_is_taken(check: Check, heading: str, cell: Any) -> None:
    row = [*ROW]
    row[HEADINGS.index(heading)] = cell
    assert check(table([HEADINGS, row])).state == "ready"


def test_date_cell_is_taken_as_the_day(check: Check) -> None:
    def edit(book: Any, page: Any) -> None:
        page.write_datetime(1, 14, datetime(2027, 6, 30), book.add_format({"num_format": "yyyy-mm-dd"}))

    row = [*ROW]
    row[14] = ""
    batch = check(table([HEADINGS, row], edit=edit))
    assert batch.state == "ready", batch.errors
    from app.roster.imports.queries import dry_rows

    assert dry_rows(batch, "new", 0)[0].values["graduated_on"] == date(2027, 6, 30).isoformat()


def test_all_wrong_cells_of_all_rows_are_told_in_order(check: Check) -> None:
    rows = [student(性别="9", 民族="x"), student(), student(姓名="", 手机号="1")]
    batch = refused(check, sheet(*rows))
    found = [(error["row"], error["column"]) for error in batch.errors]
    assert found == [(2, "性别"), (2, "民族"), (4, "姓名"), (4, "手机号")]
    assert (batch.error_count, batch.wrong_rows) == (4, 2)


def test_the_same_student_twice_is_refused(check: Check) -> None:
    row = student()
    batch = refused(check, sheet(row, student(), {**row, "姓名": "温书雅"}))
    assert problems(batch) == {(4, "考生号")}
    assert "2" in batch.errors[0]["message"]


def test_many_errors_are_counted_and_the_first_are_kept(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.roster.imports.services import batches

    monkeypatch.setattr(batches, "MOST_PROBLEMS", 5)
    batch = refused(check, sheet(*(student(性别="9") for _ in range(8))))
    assert (batch.error_count, len(batch.errors)) == (8, 5)


def test_blank_rows_between_students_are_passed_over(check: Check) -> None:
    second = [*ROW]
    second[0], second[2] = "23320000000998", ""
    batch = refused(check, table([HEADINGS, [""] * len(HEADINGS), ROW, [None] * len(HEADINGS), second]))
    assert problems(batch) == {(5, "姓名")}


# What is odd but may be right ---------------------------------------------------------------------------------------


def odd(batch: RosterBatch) -> list[tuple[int, str]]:
    assert batch.state == "ready", batch.errors
    return [(warning["row"], warning["column"]) for warning in batch.warnings]


def test_new_department_like_another_is_warned_about(check: Check) -> None:
    rows = [student(院系="地球科学与工程学院"), student(院系="地球科学与工程院"), student(院系="哲学系")]
    batch = check(sheet(*rows))
    assert odd(batch) == [(3, "院系")]
    assert "地球科学与工程学院" in batch.warnings[0]["message"]


def test_odd_exam_numbers_sexes_and_doubles_are_warned_about(check: Check) -> None:
    number = id_number(77)
    rows = [student(考生号="AB12345678"), student(性别="2"), student(身份证号=number), student(身份证号=number)]
    assert odd(check(sheet(*rows))) == [(2, "考生号"), (3, "性别"), (5, "身份证号")]


def test_name_that_cannot_be_printed_is_warned_about(check: Check) -> None:
    assert odd(check(sheet(student(姓名="温\U0001f600言")))) == [(2, "姓名")]
    assert odd(check(sheet(student(姓名="阿依·古丽")))) == []


# The template -------------------------------------------------------------------------------------------------------


def test_template_can_be_filled_in_and_uploaded(check: Check) -> None:
    from openpyxl import load_workbook

    from app.roster.imports.sheets import template_sheet

    book = load_workbook(io.BytesIO(template_sheet("10284")))
    page = book["学生名单"]
    assert [cell.value for cell in page[1]] == list(HEADINGS)
    assert len(book.sheetnames) == 3
    for place, cell in enumerate(ROW, start=1):
        page.cell(2, place, cell)
    assert page.column_dimensions["E"].width > 10
    file = io.BytesIO()
    book.save(file)
    assert check(file.getvalue()).state == "ready"


def test_empty_template_is_refused_in_words(check: Check) -> None:
    from app.roster.imports.sheets import template_sheet

    refused(check, template_sheet("10284"))


def test_memory_limit_is_lifted_after_reading() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    read_sheet(sheet(student()), columns.ROSTER)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_crc_of_a_member_is_checked(check: Check) -> None:
    content = bytearray(sheet(student()))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        crc = archive.getinfo("xl/worksheets/sheet1.xml").CRC
    damaged = bytes(content).replace(struct.pack("<L", crc), struct.pack("<L", zlib.crc32(b"other")))
    refused(check, damaged)
