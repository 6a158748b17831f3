"""Over all types: what the schema calls valid is accepted, anything else is refused at its field, and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.base import clock
from app.base.database import session
from app.base.errors import Invalid
from app.base.spelling import visible
from app.cases.services import begin_case
from app.codes import queries as codes
from app.codes.services import announce
from app.destination.catalogue import all_types, type_of, types_on, types_open_to
from app.destination.dictionary import describe
from app.destination.forms import check_record, read_record
from app.destination.models import DestinationTypeRow, MinimumWage
from app.destination.reports import ems_fields, report_of
from app.destination.seeds import seed_destination_types
from app.destination.sheets import destination_columns
from app.destination.types.declared import (
    DestinationType,
    Field,
    Proof,
    declare,
    declared_types,
    withdraw_declaration,
)
from app.destination.types.kinds import KINDS
from app.destination.warnings import warnings_of
from app.roster.models import Graduate
from tests.destination.stage import Stage, draft, example, fire, types

pytestmark = pytest.mark.usefixtures("undone")
CODES = sorted(declared_types())  # importing the catalogue declares them
FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _values(one: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in one:
        return st.sampled_from(one["enum"])
    if one["type"] == "boolean":
        return st.booleans()
    if one["type"] == "integer":
        return st.integers(one["minimum"], one["maximum"])
    if "format" in one or ("maxLength" not in one and one.get("x-dictionary")):
        return st.sampled_from(one["examples"])
    if "maxLength" in one:
        texts = st.from_regex(one["pattern"], fullmatch=True)
        # No pattern tells all characters that nobody sees; of these alone a text says nothing.
        return texts.filter(lambda text: len(text) <= one["maxLength"] and bool(visible(text).strip()))
    return st.from_regex(one["pattern"], fullmatch=True)


def _records(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    required = {name: _values(schema["properties"][name]) for name in schema["required"]}
    optional = {name: _values(one) for name, one in schema["properties"].items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


@pytest.mark.parametrize("code", CODES)
def test_what_the_schema_calls_valid_is_accepted(app_context: Flask, code: str) -> None:
    kind = type_of(code)
    assert kind is not None
    schema = describe(kind)["schema"]

    @FUZZ
    @given(_records(schema))
    def holds(record: dict[str, Any]) -> None:
        jsonschema.validate(record, schema)
        kept = read_record(kind, record)
        assert set(kept) == set(record)
        assert read_record(kind, kept) == kept, "what is kept can be sent again"
        assert json.loads(json.dumps(kept)) == kept

    holds()


@pytest.mark.parametrize("code", CODES)
def test_anything_else_is_refused_at_its_field(app_context: Flask, code: str) -> None:
    kind = type_of(code)
    assert kind is not None
    names = [field.name for field in kind.fields]

    @FUZZ
    @given(st.dictionaries(st.sampled_from(names) | st.text(max_size=8), ANYTHING, max_size=8))
    def holds(record: dict[str, Any]) -> None:
        for complete in (True, False):
            kept, errors = check_record(kind, record, complete=complete)
            assert {path.split(".")[1] for path in errors} <= set(names)
            assert all(str(text) for texts in errors.values() for text in texts)
            assert set(kept) <= set(names)

    holds()


@pytest.mark.parametrize("code", CODES)
def test_each_required_field_left_out_is_refused_there(app_context: Flask, code: str) -> None:
    kind = type_of(code)
    assert kind is not None
    complete = example(describe(kind), optional=True)
    for field in kind.fields:
        for blank in ("", "  ", None):
            record = {**complete, field.name: blank}
            if field.required:
                with pytest.raises(Invalid) as refused:
                    read_record(kind, record)
                assert set(refused.value.errors) == {f"data.{field.name}"}
            else:
                assert field.name not in read_record(kind, record)


def test_every_declared_type_is_sound(app_context: Flask) -> None:
    for kind in types_on():
        names = [field.name for field in kind.fields]
        assert len(names) == len(set(names))
        assert all(field.kind in KINDS for field in kind.fields)
        assert not set(names) & {proof.kind for proof in kind.proofs}, "a path of errors means one thing"
        assert kind.label
        assert kind.hint


NEW = DestinationType(
    "799",
    "乡村创客",
    "75",
    (
        Field("employer", "text", "工作室名称", example="青山工作室"),
        Field("members", "number", "团队人数", most=50, example=3),
        Field("full_time", "flag", "是否全职", required=False),
    ),
    (Proof("studio_photo", "工作室照片"),),
    hint="在乡村创办工作室",
)


@pytest.fixture(autouse=True)
def _read_anew(app_context: Flask) -> Iterator[None]:
    """What a test has changed in the rows is forgotten with its transaction."""
    yield
    announce()


@pytest.fixture
def new_type(app_context: Flask) -> Iterator[DestinationType]:
    """One more entry, and nothing else."""
    declare(NEW)
    yield NEW
    withdraw_declaration(NEW.code)


STAYS_HERE = {"pay", "pay_unit", "url", "department_opinion", "note"}  # what the employment system has no use for


@pytest.mark.parametrize("code", CODES)
def test_all_that_a_type_asks_for_reaches_the_employment_system(code: str) -> None:
    """R4.9, R8.14: codes as codes, days as days, also what a record was first declared without."""
    kind = type_of(code)
    assert kind is not None
    case = SimpleNamespace(type=code, record=example(types()[code], optional=True))
    told = report_of(case)
    for field in kind.fields:
        value = str(case.record.get(field.name))
        places = ems_fields(field)
        assert bool(places) is (field.name not in STAYS_HERE), field.name
        if field.name in places and (field.table or field.kind in ("date", "country", "region")):
            assert told[field.name] == value, field.name
        assert all(told[place] for place in places), field.name


def test_one_entry_is_all_that_a_new_type_needs(new_type: DestinationType, stage: Stage) -> None:
    described = types()["799"]
    assert described["schema"]["required"] == ["employer", "members"]
    assert new_type.code in {kind.code for kind in types_open_to("1")}
    case = draft(stage.graduate, "799", full_time=True)
    with pytest.raises(Invalid) as refused:
        fire(case, "submit", stage.graduate)
    assert set(refused.value.errors) == {"studio_photo"}
    from app.cases.attachments import attach_file
    from app.destination.queries import record_rows
    from tests.destination.stage import picture

    attach_file("destination", case.id, "studio_photo", picture(), actor=stage.graduate)
    fire(case, "submit", stage.graduate)
    fire(case, "approve", stage.department)
    assert fire(case, "approve", stage.school).state == "approved"
    told = report_of(case)
    assert (told["code"], told["label"], told["employer"]) == ("799", "乡村创客", "青山工作室")
    assert ("团队人数", "3") in record_rows(case)
    assert seed_destination_types()["added"] == 2, "a row that operators edit, and its line of the code table"
    announce()
    assert codes.label("destination", "799") == "乡村创客"
    assert codes.entry("destination", "799").parent == "75"
    column = next(one for one in destination_columns() if str(one.label) == "团队人数")
    assert column.value(case) == "3"


def test_the_row_that_operators_edit_wins(app_context: Flask, stage: Stage) -> None:
    row = session.get_one(DestinationTypeRow, "46")
    fields = [{**one, "required": True, "label": "征集地"} for one in row.content["fields"]]
    row.label, row.content = "应征入伍", {**row.content, "fields": fields, "proofs": []}
    session.flush()
    announce()
    assert types()["46"]["label"] == "应征入伍"
    assert types()["46"]["proofs"] == []
    with pytest.raises(Invalid) as refused:
        fire(draft(stage.graduate, "46", region=None), "submit", stage.graduate)
    assert set(refused.value.errors) == {"data.region"}


def test_an_ended_type_can_no_longer_be_chosen(app_context: Flask, stage: Stage) -> None:
    case = draft(stage.graduate, "46")
    row = session.get_one(DestinationTypeRow, "46")
    row.valid_to = clock.today() - timedelta(days=1)
    session.flush()
    announce()
    assert "46" not in types()
    assert type_of("46") is not None, "old records still read"
    with pytest.raises(Invalid) as refused:
        begin_case("destination", {"type": "46", "data": {}}, submit=False, actor=stage.graduate)
    assert set(refused.value.errors) == {"type"}
    with pytest.raises(Invalid) as refused:
        fire(case, "submit", stage.graduate)
    assert set(refused.value.errors) == {"type"}


def test_loading_again_changes_nothing_and_keeps_what_was_edited(app_context: Flask) -> None:
    assert seed_destination_types()["added"] == 0
    assert set(session.scalars(session.query(DestinationTypeRow.code).statement)) == set(all_types())


@pytest.mark.parametrize(
    ("code", "record", "expected"),
    [
        ("12", {"region": "110108"}, {"no_pay"}),
        ("12", {"region": "110108", "pay": "2000"}, {"minimum_wage"}),
        ("12", {"region": "110108", "pay": "3000"}, set()),
        ("12", {"region": "110108", "pay": "20", "pay_unit": "hour"}, {"minimum_wage"}),
        ("12", {"region": "320106", "pay": "1"}, set()),  # not known there
        ("803", {}, {"education"}),
        ("272", {"pay": "9000"}, {"education"}),
        ("801", {}, set()),
        ("11", {"signed_on": "1999-01-01"}, {"date"}),
        ("753", {}, set()),
    ],
)
def test_what_is_odd_is_told_and_never_refused(
    app_context: Flask, stage: Stage, code: str, record: dict[str, Any], expected: set[str]
) -> None:
    graduate = session.get_one(Graduate, stage.graduate.graduate_id)
    graduate.education = "31"
    wage = session.query(MinimumWage).filter_by(region="110000").one()
    wage.monthly, wage.hourly = 2540, 27
    session.flush()
    case = draft(stage.graduate, code, **record)
    assert {one.code for one in warnings_of(case)} == expected
    assert all(str(one.text) for one in warnings_of(case))
