"""The description of the API is valid, names every address, and leaves nothing that is sent or answered without a type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

TYPED = ("type", "enum", "$ref", "allOf", "anyOf", "oneOf", "const")


@pytest.fixture(scope="module")
def document(application: Flask, database: str) -> dict[str, Any]:
    found: dict[str, Any] = application.test_client().get("/api/v1/_openapi").get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        yield from ((f"{verb} {path}", one) for verb, one in verbs.items())


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_address_is_in_it(application: Flask, document: dict[str, Any]) -> None:
    missing = []
    for rule in application.url_map.iter_rules():
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        before = address.partition("{event}")[0]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found = set(document["paths"].get(address, {}))
            if "{event}" in address:
                found = {verb for path, one in document["paths"].items() if path.startswith(before) for verb in one}
            if rule.rule.startswith("/api/v1/") and method.lower() not in found:
                missing.append(f"{method} {address}")
    assert not missing


def schemas_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in operations(document):
        for body in (one.get("requestBody", {}), *one["responses"].values()):
            yield from ((name, content["schema"]) for content in body.get("content", {}).values())
        yield from ((f"{name} ?{told['name']}", told["schema"]) for told in one.get("parameters", ()))


def parts_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("", part) for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ()))
    yield from ((f".{name}", part) for name, part in schema.get("properties", {}).items())
    if isinstance(schema.get("items"), dict):
        yield "[]", schema["items"]


def test_everything_has_a_type(document: dict[str, Any]) -> None:
    components, untyped, seen = document["components"]["schemas"], [], set()
    left = list(schemas_of(document))
    while left:
        place, schema = left.pop()
        name = schema.get("$ref", "").rpartition("/")[2]
        if not any(word in schema for word in TYPED):
            untyped.append(place)
        if not name or name not in seen:
            left += [(f"{place}{more}", part) for more, part in parts_of(components[name] if name else schema)]
        seen.add(name)
    assert not untyped


def test_every_operation_has_a_name_of_its_own_and_a_chinese_summary(document: dict[str, Any]) -> None:
    names = [one["operationId"] for _name, one in operations(document)]
    assert len(names) == len(set(names))
    foreign = {
        one["summary"] for _name, one in operations(document) if not re.search(r"[\u4e00-\u9fff]", one["summary"])
    }
    assert not foreign
