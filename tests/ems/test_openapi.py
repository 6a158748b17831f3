"""The description for makers of employment systems is valid, whole, and made of what the client really sends.

That what is sent is as described every test shows that speaks to the stand-in: tests/fixtures/described_standin.py.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.codes import record_fields
from app.ems.messages import Destination
from app.schedule import SCHEDULE
from trial.ems.api import api as interface


@pytest.fixture
def told(client: Any) -> dict[str, Any]:
    """As everybody can read it."""
    found: dict[str, Any] = client.get("/docs/employment-system.json").get_json()
    return found


def test_it_is_valid(told: dict[str, Any]) -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(told).iter_errors()] == []


def test_it_has_every_address_of_the_stand_in(told: dict[str, Any]) -> None:
    app = Flask("standin")
    app.register_blueprint(interface)
    there = {
        " ".join((method, re.sub(r"<(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {f"{verb.upper()} {path}" for path, one in told["paths"].items() for verb in one} == there


def test_records_are_those_of_the_messages() -> None:
    own = {field.name for field in fields(Destination)} - {"reported_at", "sequence"}
    assert set(record_fields.names_of(record_fields.DESTINATION)) == own


def test_examples_are_what_their_schemas_ask_for(told: dict[str, Any]) -> None:
    components, seen = told["components"], 0
    for name, schema in components["schemas"].items():
        for example in schema.get("examples", ()):
            whole = {"components": components, "$ref": f"#/components/schemas/{name}"}
            assert jsonschema_rs.is_valid(whole, example), name
            seen += 1
    assert seen >= 5


def test_every_code_table_can_be_read(app: Flask, api: Any, told: dict[str, Any]) -> None:
    tables = set(re.findall(r"'x-dictionary': '(\w+)'", str(told)))
    assert {"region", "destination", "sex"} <= tables
    reader = api("operator")
    assert [name for name in tables if reader.get(f"/dictionaries/{name}").status_code != 200] == []


def test_the_rhythm_of_asking_is_the_clocks(told: dict[str, Any]) -> None:
    every = {entry.every for entry in SCHEDULE if entry.job.endswith(("pull_rosters_job", "pull_changes_job"))}
    assert {f"每 {seconds} 秒" for seconds in every} <= set(re.findall(r"每 \d+ 秒", told["info"]["description"]))
