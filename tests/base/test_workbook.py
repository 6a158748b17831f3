"""The one reader of sheets: what is lawful is read, what could cost too much is refused before it costs anything."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.base.cells import ERROR
from app.base.errors import TooLarge, UnsupportedMedia
from app.base.workbook import Fault, SheetKind, filled, read_sheet, refuse_other_files

KIND = SheetKind(
    "名单",
    most_rows=50,
    most_bytes=1024 * 1024,
    most_unpacked=4 * 1024 * 1024,
    most_members=50,
    longest_string=1000,
    headings=("姓名", "学号"),
)
ROWS = [["姓名", "学号"], ["言若谷", "1"], ["李明", "2"]]
PAGE, BOOK, LINKS, STRINGS = (
    *("xl/worksheets/sheet1.xml", "xl/workbook.xml"),
    *("xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"),
)
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"

pytestmark = pytest.mark.usefixtures("app_context")


def book(rows: list[list[Any]] = ROWS, name: str = "名单", edit: Callable[[Any, Any], None] | None = None) -> bytes:
    file = io.BytesIO()
    made = xlsxwriter.Workbook(file, {"in_memory": True})
    page = made.add_worksheet(name)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            page.write_string(line, place, cell)
    if edit is not None:
        edit(made, page)
    made.close()
    return file.getvalue()


def repacked(
    content: bytes, change: Callable[[str, bytes], bytes] | None = None, names: Mapping[str, str] | None = None
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr((names or {}).get(name, name), change(name, data) if change else data)
    return target.getvalue()


def page(body: bytes) -> bytes:
    """A file whose only sheet holds these rows."""
    xml = b'<worksheet xmlns="' + MAIN + b'"><sheetData>' + body + b"</sheetData></worksheet>"
    return repacked(book(), lambda name, data: xml if name == PAGE else data)


def strict(name: str, data: bytes) -> bytes:
    """The same in the strict form of the format."""
    data = data.replace(MAIN, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    return data.replace(LINK, b"http://purl.oclc.org/ooxml/officeDocument/relationships")


def prefixed(name: str, data: bytes) -> bytes:
    """The same with a prefix before each tag of the sheet."""
    import re

    if name != PAGE:
        return data
    return re.sub(rb"<(/?)(?!\?)(?=[A-Za-z])", rb"<\1x:", data).replace(b"xmlns=", b"xmlns:x=", 1)


@pytest.mark.parametrize(
    "content",
    [
        book(),
        repacked(book(), strict),
        repacked(book(), prefixed),
        repacked(book(), names={PAGE: "xl/worksheets/SHEET1.XML", STRINGS: "xl/SHAREDSTRINGS.xml"}),
        page(
            b"<row r='1'><c t='inlineStr' r='A1'><is><t>\xe5\xa7\x93\xe5\x90\x8d</t></is></c>"
            b'<c t="inlineStr"\n  r = "B1" ><is><t>\xe5\xad\xa6\xe5\x8f\xb7</t></is></c></row>'
        ),
        page(
            b'<row><c t="inlineStr"><is><t>\xe5\xa7\x93\xe5\x90\x8d</t></is></c>'
            b'<c t="inlineStr"><is><t>\xe5\xad\xa6\xe5\x8f\xb7</t></is></c></row>'
        ),
    ],
    ids=["usual", "strict", "prefixed", "other case", "other quotes", "no places"],
)
def test_the_same_sheet_in_other_forms_is_read(content: bytes) -> None:
    refuse_other_files(content, KIND)
    assert read_sheet(content, KIND).rows[0] == ROWS[0]


def test_the_sheet_is_found_by_its_name_behind_others() -> None:
    def edit(made: Any, _page: Any) -> None:
        page = made.add_worksheet("名单")
        page.write_string(0, 0, "姓名")

    assert read_sheet(book([["说明"]], name="说明", edit=edit), KIND).rows == [["姓名"]]


@pytest.mark.parametrize("blank", [" ", "\u3000", "\xa0 \t", "\n"])
def test_a_row_of_blanks_is_no_row(blank: str) -> None:
    rows = read_sheet(book([*ROWS[:2], [blank, blank], ROWS[2]]), KIND).rows
    assert [number for number, _row in filled(rows)] == [2, 4]


def test_formulas_without_a_result_and_merged_cells_are_told_with_their_place() -> None:
    formula = repacked(
        book(edit=lambda _made, page: page.write_formula("B2", "=A2", None, 1)),
        lambda name, data: data.replace(b"</f><v>1</v>", b"</f><v></v>") if name == PAGE else data,
    )
    merged = book(edit=lambda _made, page: page.merge_range("A4:A5", "x"))
    for content, row, column in ((formula, 2, "学号"), (merged, 4, "姓名"), (repacked(formula, prefixed), 2, "学号")):
        with pytest.raises(Fault) as fault:
            read_sheet(content, KIND)
        assert (fault.value.row, fault.value.column) == (row, column)


@pytest.mark.parametrize("form", [lambda _name, data: data, strict, prefixed], ids=["usual", "strict", "prefixed"])
def test_the_result_of_a_formula_is_read_as_if_it_had_been_typed(form: Callable[[str, bytes], bytes]) -> None:
    def edit(_made: Any, page: Any) -> None:
        page.write_formula("A2", '="言"&"若谷"', None, "言若谷")
        page.write_formula("B2", '=""', None, "nothing")
        page.write_formula("A3", "=1+1", None, 2)

    content = repacked(book(edit=edit), lambda _name, data: data.replace(b"<v>nothing</v>", b"<v></v>"))
    assert read_sheet(repacked(content, form), KIND).rows[1:] == [["言若谷", ""], [2, "2"]]


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A2"><f>B2</f></c>',
        b'<c r="A2"><f>B2</f><v/></c>',
        b"<c r='A2' s='3'>\n<f t='shared' si='0'/>\n</c>",
        b'<c r="A2"><f>' + b"B2+" * 9000 + b"1</f><v></v></c>",
    ],
    ids=["none", "empty", "shared", "long"],
)
@pytest.mark.parametrize("before", [0, 1024 * 1024 - 40, 1024 * 1024 - 20])
def test_a_formula_without_result_is_found_wherever_the_file_is_cut(cell: bytes, before: int) -> None:
    with pytest.raises(Fault) as fault:
        read_sheet(page(b'<row r="2">' + b" " * before + cell + b"</row>"), KIND)
    assert (fault.value.row, fault.value.column) == (2, "姓名")


@pytest.mark.parametrize("form", [lambda _name, data: data, strict, prefixed], ids=["usual", "strict", "prefixed"])
def test_what_is_hidden_and_what_shows_an_error_is_known(form: Callable[[str, bytes], bytes]) -> None:
    def edit(_made: Any, page: Any) -> None:
        page.set_row(2, None, None, {"hidden": True})
        page.set_column("B:B", None, None, {"hidden": True})
        page.write_formula("B2", "=NA()", None, "#N/A")

    found = read_sheet(repacked(book(edit=edit), form), KIND)
    assert (found.hidden_rows, found.hidden_columns) == ({3}, ("学号",))
    assert found.rows[1:] == [["言若谷", ERROR], ["李明", "2"]]


def test_without_the_template_s_name_the_list_is_known_by_its_headings() -> None:
    def edit(made: Any, page: Any) -> None:
        page.merge_range("A1:B9", "请逐行填写")
        for name, first in (("代码", "民族"), ("Sheet2", "姓名")):
            made.add_worksheet(name).write_row(0, 0, [first, "学号"])
        made.get_worksheet_by_name("代码").write_string("C1", "x")

    content = book([], name="填写说明", edit=edit)
    assert read_sheet(content, replace(KIND, marks=("姓名", "学号", "专业"))).rows == [["姓名", "学号"]]
    with pytest.raises(Fault):
        read_sheet(content, replace(KIND, marks=("单位", "地址", "电话")))


def test_a_hidden_sheet_of_codes_in_front_is_not_the_list() -> None:
    def edit(made: Any, page: Any) -> None:
        made.add_worksheet("Sheet2").write_row(0, 0, ["姓名", "学号"])
        made.get_worksheet_by_name("Sheet2").activate()
        page.hide()

    assert read_sheet(book([["民族"]], name="代码", edit=edit), KIND).rows == [["姓名", "学号"]]


CELL = b"<v>1</v></c>"
FAR = {
    "row": b'<row r="1048576"><c r="A1048576">' + CELL + b"</row>",
    "cell in a near row": b'<row r="1"><c r="A99999">' + CELL + b"</row>",
    "a far row before a near one": b'<row r="99999"><c r="A99999">' + CELL + b'</row><row r="2"/>',
    "column": b'<row r="1"><c r="XFD1">' + CELL + b"</row>",
    "small letters": b'<row r="1"><c r="xfd1">' + CELL + b"</row>",
    "other quotes": b"<row r='1'><c r='XFD1'>" + CELL + b"</row>",
    "spaces": b'<row r="1"><c  r = "XFD1">' + CELL + b"</row>",
    "place twice": b'<row r="1"><c r="A1" r="XFD1">' + CELL + b"</row>",
    "hidden behind a sign": b'<row r="1"><c s=">" r="XFD1">' + CELL + b"</row>",
    "prefix": b'<row r="1"><x:c xmlns:x="' + MAIN + b'" r="XFD1"><v>1</v></x:c></row>',
    "cells without places": b"<row>" + b"<c><v>1</v></c>" * 27 + b"</row>",
    "rows without numbers": b"<row><c>" + CELL + b"</row>" + b"<row/>" * 60 + b"<row><c>" + CELL + b"</row>",
    "row twice": b'<row r="1" r="99999"><c>' + CELL + b"</row>",
    "a number beyond numbers": b'<row r="1"><c r="A' + b"9" * 5000 + b'">' + CELL + b"</row>",
}


@pytest.mark.parametrize("body", FAR.values(), ids=FAR.keys())
def test_what_stands_far_away_is_refused_however_it_is_written(body: bytes) -> None:
    with pytest.raises(Fault):
        read_sheet(page(body), KIND)


def test_the_column_that_is_too_much_is_named() -> None:
    with pytest.raises(Fault) as fault:
        read_sheet(page(b'<row r="3"><c r="AB3">' + CELL + b"</row>"), KIND)
    assert (fault.value.row, fault.value.column) == (3, "AB")


def test_a_far_cell_in_a_member_of_almost_the_same_name_is_found() -> None:
    """The reader does not care for capitals; who looks before must not either, and two of one name are refused."""
    far = page(FAR["column"])
    with pytest.raises(Fault):
        read_sheet(repacked(far, names={PAGE: PAGE.upper()}), KIND)
    file = io.BytesIO(far)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(PAGE.upper(), zipfile.ZipFile(io.BytesIO(book())).read(PAGE))
    with pytest.raises(Fault):
        read_sheet(file.getvalue(), KIND)


def test_a_long_text_is_refused_under_any_name_and_prefix() -> None:
    long = b'<x:sst xmlns:x="' + MAIN + b'"><x:si><x:t>' + b"x" * 2000 + b"</x:t></x:si></x:sst>"
    content = repacked(book(), lambda name, data: long if name == STRINGS else data, {STRINGS: STRINGS.lower()})
    with pytest.raises(Fault):
        read_sheet(content, KIND)


def test_a_sheet_without_an_end_of_a_tag_is_refused_early() -> None:
    with pytest.raises(Fault):
        read_sheet(page(b"<row " + b" " * 3 * 1024 * 1024), KIND)


def test_limits_of_the_kind_hold_before_anything_is_read() -> None:
    with pytest.raises(TooLarge):
        refuse_other_files(bytes(KIND.most_bytes + 1), KIND)
    with pytest.raises(UnsupportedMedia):
        refuse_other_files(b"name,number", KIND)
    with pytest.raises(TooLarge):
        refuse_other_files(page(b" " * (KIND.most_unpacked + 1)), KIND)


SPELLINGS = st.sampled_from(
    [b'r="%s"', b"r='%s'", b' r = "%s"', b's="1" r="%s"', b'r="%s" t="n"', b'r="A1" r="%s"', b""]
)
COLUMNS = st.sampled_from(["A", "B", "Z", "z", "AA", "XFD"])
NUMBERS = st.sampled_from([1, 2, 50, 51, 52, 100, 1048576])


@st.composite
def tags(draw: st.DrawFn) -> bytes:
    rows = []
    for _row in range(draw(st.integers(0, 4))):
        spelled = draw(SPELLINGS)
        opening = b"<row " + (spelled % str(draw(NUMBERS)).encode() if spelled else b"") + b">"
        cells = []
        for _cell in range(draw(st.integers(0, 4))):
            spelled = draw(SPELLINGS)
            place = spelled % f"{draw(COLUMNS)}{draw(NUMBERS)}".encode() if spelled else b""
            cells.append(b"<c " + place + b">" + CELL)
        rows.append(opening + b"".join(cells) + b"</row>")
    return b"".join(rows)


@settings(max_examples=200, deadline=None)
@given(tags())
def test_what_is_read_is_never_larger_than_the_kind_allows(body: bytes) -> None:
    try:
        rows = read_sheet(page(body), KIND).rows
    except Fault:
        return
    assert len(rows) <= KIND.most_rows + 1
    assert all(len(row) <= 26 for row in rows)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3000))
def test_damage_is_told_in_words(junk: bytes, place: int) -> None:
    content, words = book(), []
    damaged = content[:place] + junk + content[place + len(junk) :]
    try:
        refuse_other_files(damaged, KIND)
        read_sheet(damaged, KIND)
    except (UnsupportedMedia, TooLarge, Fault) as told:
        words.append(getattr(told, "text", told))
    assert all(map(str, words))
