"""The description as a document: valid OpenAPI, of every address and method, every value of a known type."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.access.roles import callable_events
from app.fab.document import document
from app.workflow import registry

TYPED = {"$ref", "type", "anyOf", "oneOf", "allOf", "enum", "const"}


@pytest.fixture(scope="module")
def served(application: Flask, database: str) -> dict[str, Any]:
    """The description as clients get it."""
    answer = application.test_client().get("/api/v1/_openapi")
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_it_is_valid(served: dict[str, Any]) -> None:
    assert served["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(served).iter_errors()] == []


def test_nothing_in_it_is_guessed(app_context: Flask) -> None:
    """apispec warns where it does not know a field, and where two schemas want one name."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert document()["paths"]


def test_every_address_is_described_with_every_method(app: Flask, served: dict[str, Any]) -> None:
    described = {(verb, path) for path, operations in served["paths"].items() for verb in operations}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if not path.startswith("/api/"):
            continue
        shape = re.compile(re.escape(path).replace(re.escape("{event}"), "[a-z_]+"))
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert any(verb.lower() == one and shape.fullmatch(there) for one, there in described), (verb, path)


def test_every_event_is_described(served: dict[str, Any]) -> None:
    for table in registry.all_workflows():
        for event in callable_events(table):
            if table.named(event):
                assert f"/api/v1/{table.name}/{{pk}}/{event}" in served["paths"]
                assert f"/api/v1/{table.name}/bulk/{event}" in served["paths"]


def test_only_addresses_that_exist_are_described(app: Flask, served: dict[str, Any]) -> None:
    router = app.url_map.bind("localhost")
    for path, operations in served["paths"].items():
        for verb in operations:
            assert router.match(re.sub(r"{\w+}", "1", path), method=verb.upper())


def test_every_operation_says_what_it_is_and_answers(served: dict[str, Any]) -> None:
    names = []
    for path, verb, one in _operations(served):
        names.append(one["operationId"])
        assert one["summary"], (verb, path)
        assert not re.search(r"\(R\d|---|\.md", one["summary"] + one.get("description", "")), (verb, path)
        assert set(one["responses"]) & {"200", "201", "202"}, (verb, path)
        assert {"tags", "responses"} <= set(one), (verb, path)
    assert len(names) == len(set(names))


def test_every_value_has_a_type(served: dict[str, Any]) -> None:
    untyped = [where for where, schema in _schemas(served) if not TYPED & set(schema)]
    assert untyped == []


def test_lists_name_their_columns_and_pages(served: dict[str, Any]) -> None:
    """Whatever answers count, ids and result can be filtered, ordered and paged, but those that are short by nature."""
    short = {
        "/api/v1/reports/employment_plan/check",
        *(f"/api/v1/statistics/{one}" for one in ("{module}", "employment", "employment/people", "employment/trend")),
        "/api/v1/templates/{kind}/{pk}/history",
    }
    for path, verb, one in _operations(served):
        schema = one["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if verb == "get" and {"count", "ids", "result"} <= set(schema.get("properties", ())) and path not in short:
            query = next(each for each in one["parameters"] if each["name"] == "q")
            assert re.search(r"\([^)]*\beq\b", query["description"]), path
            assert {"filters", "order_column", "page", "page_size"} <= set(
                query["schema"]["contentSchema"]["properties"]
            )


def _operations(served: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in served["paths"].items():
        for verb, one in operations.items():
            yield path, verb, one


def _schemas(served: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in served["components"]["schemas"].items():
        yield from _within(name, schema)
    for path, verb, one in _operations(served):
        where = f"{verb} {path}"
        for parameter in one.get("parameters", ()):
            yield from _within(f"{where} {parameter['name']}", parameter["schema"])
        for part in (one.get("requestBody", {}), *one["responses"].values()):
            for content in part.get("content", {}).values():
                yield from _within(where, content["schema"])


def _within(where: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield where, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _within(f"{where}.{name}", inner)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(keyword, ()):
            yield from _within(where, inner)
    for keyword in ("items", "contentSchema"):
        if keyword in schema:
            yield from _within(f"{where}[]", schema[keyword])
