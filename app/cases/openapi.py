"""The OpenAPI description of a workflow, written from its table and the forms that its API names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from app.access.roles import callable_events
from app.fab import openapi as parts
from app.web.sheets import MIMETYPE

if TYPE_CHECKING:
    from app.cases.api import CaseApi


def describe(api: CaseApi, api_spec: Any) -> None:
    """Add every address of the workflow to the description."""
    table, base = api.table, f"/api/v1/{api.workflow}"
    paths: dict[str, dict[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
        f"{base}/": {"get": ("get_list", _list), "post": ("post", lambda: _create(api, api_spec))},
        f"{base}/{{pk}}": {"get": ("get", _read), "put": ("put", lambda: _update(api, api_spec))},
        f"{base}/{{pk}}/attachments": {"post": ("attach", lambda: _attach(api))},
        f"{base}/{{pk}}/document": {"get": ("document", _document)},
        f"{base}/export": {"get": ("export", _export)},
    }
    for event in callable_events(table):
        if table.named(event):
            paths[f"{base}/{{pk}}/{event}"] = {"post": ("fire", partial(_fire, api, api_spec, event))}
            paths[f"{base}/bulk/{event}"] = {"post": ("fire_bulk", partial(_fire_bulk, api, api_spec, event))}
    for path, operations in paths.items():
        kept = {
            verb: _finished(api, path, method, describe_it())
            for verb, (method, describe_it) in operations.items()
            if method not in api.exclude_route_methods
        }
        if kept:
            api_spec.path(path=path, operations=kept)


def _finished(api: CaseApi, path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    suffix = path.rsplit("/", 1)[-1] if method in ("fire", "fire_bulk") else ""
    name = ".".join(part for part in (api.workflow, method, suffix) if part)
    return parts.with_errors({**operation, "operationId": name, "tags": [api.workflow]})


def _schema(api_spec: Any, api: CaseApi, name: str, form: Any) -> dict[str, Any]:
    if form is None:
        return dict(parts.OBJECT)
    full = f"{api.workflow}.{name}"
    if full not in api_spec.components.schemas:
        api_spec.components.schema(full, schema=form)
    return parts.ref(full)


def _list() -> dict[str, Any]:
    return {
        "summary": "Cases in my scope",
        "parameters": [parts.QUERY_PARAMETER],
        "responses": {"200": parts.answer(parts.many(parts.ref("Case")))},
    }


def _create(api: CaseApi, api_spec: Any) -> dict[str, Any]:
    return {
        "summary": "Create",
        "parameters": [parts.KEY_PARAMETER],
        "requestBody": parts.json_body(_schema(api_spec, api, "create", _body_form(api))),
        "responses": {
            "201": parts.answer(parts.OBJECT, "Created"),
            "202": parts.answer(parts.OBJECT, "A job was started"),
            "409": parts.answer(parts.OBJECT, "A rule refuses; for many at once the refusals one by one"),
        },
    }


def _read() -> dict[str, Any]:
    return {
        "summary": "One case",
        "parameters": [parts.ID_PARAMETER],
        "responses": {"200": parts.answer(parts.one(parts.ref("Case")))},
    }


def _update(api: CaseApi, api_spec: Any) -> dict[str, Any]:
    return {
        "summary": "Edit a draft or a returned case",
        "parameters": [parts.ID_PARAMETER],
        "requestBody": parts.json_body(_schema(api_spec, api, "create", _body_form(api))),
        "responses": {"200": parts.answer(parts.one(parts.ref("Case")))},
    }


def _body_form(api: CaseApi) -> Any:
    """What a case is made of: what its author writes, else what the creating event asks for."""
    table = api.table
    return table.writing.form if table.writing is not None else table.initial[0].form


def _fire(api: CaseApi, api_spec: Any, event: str) -> dict[str, Any]:
    form = api.table.form_of(event)
    return {
        "summary": f"Fire {event}",
        "parameters": [parts.ID_PARAMETER],
        "requestBody": parts.json_body(_schema(api_spec, api, event, form), required=form is not None),
        "responses": {"200": parts.answer(parts.one(parts.ref("Case")))},
    }


def _fire_bulk(api: CaseApi, api_spec: Any, event: str) -> dict[str, Any]:
    ids = {"type": "array", "minItems": 1, "maxItems": 500, "items": {"type": "integer", "minimum": 1}}
    chosen = {"type": "object", "required": ["ids"], "properties": {"ids": ids}}
    form = api.table.form_of(event)
    body = {"allOf": [chosen, _schema(api_spec, api, event, form)]} if form else chosen
    outcomes = {"type": "object", "properties": {"result": {"type": "array", "items": parts.ref("Outcome")}}}
    return {
        "summary": f"Fire {event} on many, each judged on its own",
        "requestBody": parts.json_body(body),
        "responses": {"200": parts.answer(outcomes)},
    }


def _attach(api: CaseApi) -> dict[str, Any]:
    kinds = api.table.files.kinds
    kind = {"type": "string", **({} if callable(kinds) else {"enum": [one.name for one in kinds]})}
    form = {
        "type": "object",
        "required": ["kind", "file"],
        "properties": {"kind": kind, "file": {"type": "string", "format": "binary"}},
    }
    return {
        "summary": "Add a file",
        "parameters": [parts.ID_PARAMETER],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"201": parts.answer(parts.one(parts.OBJECT), "Created")},
    }


def _document() -> dict[str, Any]:
    return {
        "summary": "The PDF",
        "parameters": [parts.ID_PARAMETER],
        "responses": {
            "200": parts.binary("application/pdf"),
            "202": parts.answer(parts.OBJECT, "Being made; see Retry-After"),
        },
    }


def _export() -> dict[str, Any]:
    return {
        "summary": "The current query as xlsx",
        "parameters": [parts.QUERY_PARAMETER],
        "responses": {"200": parts.binary(MIMETYPE)},
    }
