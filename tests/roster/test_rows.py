"""The quick check of whole columns says what the form says of each field, whatever is in the cells."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.codes.fields import Kind
from app.roster.forms import StudentForm
from app.roster.imports.checking import _PLAIN, Rules, _Cleaner, check_rows
from app.roster.imports.columns import FIELDS, HEADING_OF, HEADINGS, OPTIONAL
from app.roster.imports.packing import KEPT, lines_of, packed_texts, unpacked
from tests.roster.sheets import id_number, student

RULES = Rules("10284", "all")
ROW = [student()[heading] for heading in HEADINGS]
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", " ", "01", "1", "31", "21", "2", "2027", "2027-06-30", "320102", "4", "2.5", "13800138000"]),
    st.text("0123456789X", min_size=10, max_size=20),
    st.integers(0, 999).map(id_number),
    st.emails(),
)
CELLS = st.one_of(
    TEXTS, st.integers(-(10**17), 10**17), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.none()
)


@given(field=st.sampled_from(FIELDS), text=TEXTS)
@QUIET
def test_column_check_agrees_with_the_form(app_context: Flask, field: str, text: str) -> None:
    if field in OPTIONAL and not text.strip():
        return
    try:
        expected: Any = StudentForm().fields[field].deserialize(text.strip())
    except ValidationError:
        expected = None
    try:
        found = _Cleaner(field).clean(text)
    except ValidationError:
        found = None
    if expected is not None and isinstance(expected, str) and ("\n" in expected or "\t" in expected):
        expected = None
    if hasattr(expected, "isoformat"):
        expected = expected.isoformat()
    assert found == expected


@given(rows=st.lists(st.lists(CELLS, min_size=len(HEADINGS), max_size=len(HEADINGS)), max_size=6))
@QUIET
def test_any_sheet_gets_an_answer_in_words(app_context: Flask, rows: list[list[Any]]) -> None:
    checked = check_rows([list(HEADINGS), *rows], RULES)
    for problem in checked.errors:
        assert str(problem.text)
        assert problem.column in {*HEADINGS, ""}
        assert 1 < problem.row <= max(1, len(rows)) + 1
    if not checked.errors:
        assert checked.count == sum(1 for row in rows if any(row))


@given(field=st.sampled_from(FIELDS), cell=CELLS)
@QUIET
def test_one_odd_cell_never_hides_another_row(app_context: Flask, field: str, cell: Any) -> None:
    """Whatever stands in one row, a wrong cell in the row below is found at its place."""
    odd, wrong = [*ROW], [*ROW]
    odd[FIELDS.index(field)] = cell
    wrong[FIELDS.index("ethnicity")], wrong[0] = "?", "23320000077777"
    errors = check_rows([list(HEADINGS), odd, wrong], RULES).errors
    assert (3, HEADING_OF["ethnicity"]) in {(problem.row, problem.column) for problem in errors}


@given(
    values=st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), min_size=1)
)
@QUIET
def test_kept_lines_give_back_every_text(values: list[str | None]) -> None:
    values = [None if value is None else value.replace("\x00", "") for value in values]
    columns = [packed_texts(values) if name == "address" else ["1"] * len(values) for name in KEPT]
    lines = lines_of(columns)
    assert all(line.count("\t") == len(KEPT) - 1 and "\n" not in line for line in lines)
    assert [unpacked(line)["address"] for line in lines] == values


@pytest.mark.parametrize("cells", [["1", 1, 1.0, True], [True, 1], [1.0, "1"]])
def test_equal_values_of_other_kinds_are_not_taken_for_each_other(app_context: Flask, cells: list[Any]) -> None:
    rows = []
    for place, cell in enumerate(cells):
        row = [*ROW]
        row[0], row[FIELDS.index("sex")] = f"2332000008{place:04d}", cell
        rows.append(row)
    errors = check_rows([list(HEADINGS), *rows], RULES).errors
    assert [problem.row for problem in errors] == [n for n, cell in enumerate(cells, start=2) if cell is True]


LOCAL = st.lists(st.from_regex(r"[0-9A-Za-z_-]{1,70}", fullmatch=True), min_size=1, max_size=3).map(".".join)


@given(local=LOCAL, domain=st.from_regex(r"[0-9A-Za-z]{1,40}\.[a-z]{2,10}", fullmatch=True))
@QUIET
def test_addresses_taken_at_a_glance_are_those_the_form_takes(app_context: Flask, local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    if re.fullmatch(_PLAIN[Kind.EMAIL], address):
        assert StudentForm().fields["email"].deserialize(address) == address
