"""How a method of an API says what it takes and answers: `@describe`.

The rest of its description is known already: address and path parameters from the route, the text from the docstring,
body and query from the forms that check them, answers from the shapes that write them (shapes.py), the columns of a
list from its Listing, and what may be refused from all of these.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from flask_babel import get_translations
from flask_babel import gettext as _
from marshmallow import Schema

from app.access.api_keys.guards import scope_of
from app.fab import forms
from app.fab.listing import Listing
from app.fab.shapes import FILE, INTEGER, STRING, ErrorShape, File, Told, enum, group, list_of
from app.web.gate import API, is_open
from app.web.payload import DEFAULT_PAGE_SIZE, MOST_FILTERS, largest_page

Method = TypeVar("Method", bound=Callable[..., Any])

ID = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key and body give the same answer and no second record; kept for two days",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
_VERSION = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that was read; another one is answered 412",
    "schema": {"type": "string", "maxLength": 64},
}
_REFUSALS = {
    400: "The request cannot be read",
    401: "Nobody is logged in, or the token is no longer valid",
    403: "The role or the module permission does not allow it",
    404: "Not there, or not in the caller's scope",
    409: "The state has moved on, or a rule of the workflow refuses",
    412: "If-Match names another version than there is",
    413: "Too large",
    415: "A kind of content that is not accepted",
    422: "Fields are missing or wrong",
    429: "Too many tries; see Retry-After",
}
_DONE = {200: "Done", 201: "Created", 202: "Accepted; a worker does it"}
_REQUIREMENT = re.compile(r" \(R\d[^)]*\)")  # the docstring's hint where a rule comes from


class Api(Protocol):
    """What is asked of an API here."""

    resource_name: str | None
    route_base: str | None
    exclude_route_methods: set[str]
    words: Mapping[str, Sequence[str] | Told]
    listing: Listing


@dataclass(frozen=True)
class Description:
    """What only the method itself knows. `body` and `answer` are schemas of marshmallow or JSON Schemas that hold some.

    `also` are further answers by their status, `errors` further refusals. `listed`: the method takes the query of the
    API's listing. `untold`: what of the result is never kept for a repetition, such as a secret.
    """

    answer: Any = None
    status: int = 200
    also: Mapping[int, Any] = field(default_factory=dict)
    body: Any = None
    upload: Mapping[str, Any] | None = None
    query: Mapping[str, Any] | type[Schema] = field(default_factory=dict)
    errors: Sequence[int] = ()
    listed: bool = False
    untold: Sequence[str] = ()
    security: str = "jwt"
    versioned: bool = False


@dataclass(frozen=True)
class Operation:
    """One method at one address."""

    path: str
    verb: str
    name: str
    text: str
    said: Description
    event: str = ""  # of a workflow's table


def describe(answer: Any = None, **said: Any) -> Callable[[Method], Method]:
    """Say of an API's method what Description has."""
    description = Description(answer, **said)

    def mark(method: Method) -> Method:
        method.description = description  # type: ignore[attr-defined]
        return method

    return mark


# The description of one operation -----------------------------------------------------------------------------------


def operations_of(api: Api) -> Iterator[Operation]:
    """Every method at every address of an API."""
    for name in dir(type(api)):
        method = getattr(type(api), name)
        if name in api.exclude_route_methods:
            continue
        for path, verbs in getattr(method, "_urls", ()):
            for verb in verbs:
                yield Operation(path, verb.lower(), name, method.__doc__ or "", method.description)


def operation(api: Api, one: Operation) -> Told:
    """One operation as OpenAPI has it; forms and shapes in it are still marshmallow's."""
    said, (summary, *more) = one.said, _paragraphs(one.text)
    resource = str(api.resource_name)
    told: Told = {
        "operationId": ".".join((*resource.split("/"), one.name)),
        "tags": [resource],
        "summary": f"{_told(summary)} ({one.event})" if one.event else _told(summary),
        "description": "\n\n".join([*more, _who_may(api, one)]),
        "parameters": [*_in_path(api, one.path), *_in_query(api, said), *_in_headers(api, one)],
        "requestBody": _body(said),
        "responses": _responses(api, one),
    }
    told = {name: value for name, value in told.items() if value}
    # Said of every call: one without would be taken for one that nobody has thought about.
    told["security"] = [{said.security: []}] if said.security != "jwt" or not _is_open(api, one) else []
    # What the plug-in resolves it changes in place; the declarations serve several operations.
    return copy.deepcopy(told)


def tag(api: Api) -> Told:
    """The resource, as the description groups operations: a workflow by its name, others by what they say of themselves."""
    workflow = getattr(api, "table", None)
    text = str(workflow.label) if workflow is not None else _told(_paragraphs(type(api).__doc__ or "")[0])
    return {"name": str(api.resource_name), "description": text}


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in _REQUIREMENT.sub("", text).strip().split("\n\n")]


def _told(sentence: str) -> str:
    """In the reader's language; scripts/summaries.py brings the sentences into the catalogue."""
    return str(get_translations().ugettext(sentence.removesuffix(".")))


def _who_may(api: Api, one: Operation) -> str:
    """What a program needs: the scope of its key."""
    if _is_open(api, one):
        return str(_("Needs no account."))
    scope = scope_of(one.verb.upper(), address(api, one.path).removeprefix(API))
    if scope is None:
        return str(_("Not for API keys: log in with the account itself."))
    return str(_("Scope of API keys: %(scope)s.", scope=scope) if scope else _("Open to every API key."))


def address(api: Api, path: str) -> str:
    """The route as OpenAPI writes it."""
    return str(api.route_base) + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def refusals() -> Told:
    """The refusals by their status, for the components."""
    wait = {"429": {"Retry-After": {"schema": INTEGER, "description": "Seconds to wait"}}}
    return {
        str(status): {**_json(ErrorShape, text), **({"headers": wait[str(status)]} if str(status) in wait else {})}
        for status, text in _REFUSALS.items()
    }


def _worded(words: Sequence[str] | Told) -> Told:
    return dict(words) if isinstance(words, Mapping) else enum(words)


def _in_path(api: Api, path: str) -> list[Told]:
    found = re.findall(r"<(?:(\w+):)?(\w+)>", path)
    schemas = {
        name: ID if kind == "int" else _worded(api.words[name]) if name in api.words else STRING for kind, name in found
    }
    return [{"in": "path", "name": name, "required": True, "schema": schema} for name, schema in schemas.items()]


def _in_query(api: Api, said: Description) -> list[Told]:
    listed = [_list_query(api.listing), *_plain(api.listing, said)] if said.listed else []
    if not isinstance(said.query, Mapping):
        return [{"in": "query", "schema": said.query}, *listed]
    return [*({"in": "query", "name": name, "schema": schema} for name, schema in said.query.items()), *listed]


def _list_query(listing: Listing) -> Told:
    """`q`: a text, as query parameters of every generated client are, and what must stand in it."""
    offered = {column: [str(kind.arg_name) for kind in listing.offered(column)] for column in listing.search}
    columns = ", ".join(f"{column} ({' '.join(operators)})" for column, operators in offered.items())
    one_filter = group(
        ("col", "opr", "value"),
        col=enum(tuple(offered)),
        opr=enum(sorted({operator for operators in offered.values() for operator in operators})),
        value={"type": ["string", "number", "boolean", "array"], "items": {"type": ["string", "number", "boolean"]}},
    )
    content = group(
        filters=list_of(one_filter, maxItems=MOST_FILTERS),
        order_column=enum(listing.order),
        order_direction=enum(("asc", "desc")),
        page={"type": "integer", "minimum": 0, "default": 0},
        page_size={"type": "integer", "minimum": 1, "maximum": largest_page(), "default": DEFAULT_PAGE_SIZE},
    )
    text = f"Filters, order and page in JSON or rison. Columns and their operators: {columns}. Order: {', '.join(listing.order)}."
    schema = {"type": "string", "contentMediaType": "application/json", "contentSchema": content}
    return {"in": "query", "name": "q", "description": text, "schema": schema}


_PLAIN: Mapping[str, Told] = {
    "page": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
    "order": {**STRING, "description": "A column, with - before it from the largest down"},
    "cursor": {**STRING, "description": "Instead of page: empty, then as Link says. No row is skipped or comes twice"},
    "search": {**STRING, "description": "Names and numbers, wherever they stand"},
    **{name: {**STRING, "description": "A day or moment"} for name in ("created_after", "updated_after")},
}


def _plain(listing: Listing, said: Description) -> list[Told]:
    own = said.query if isinstance(said.query, Mapping) else said.query().fields
    sizes = {"type": "integer", "minimum": 1, "maximum": largest_page()}
    known = {**_PLAIN, "page_size": sizes, "order": {**_PLAIN["order"], "examples": [f"-{listing.order[0]}"]}}
    return [
        {"in": "query", "name": name, "schema": known.get(name, STRING)}
        for name in forms.names(listing)
        if name not in own
    ]


def _body(said: Description) -> Told | None:
    if said.upload is not None:
        form = group(tuple(said.upload), **said.upload)
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if said.body is None:
        return None
    return {"required": _asks_for_something(said.body), "content": {"application/json": {"schema": said.body}}}


def _asks_for_something(form: Any) -> bool:
    if isinstance(form, Mapping):
        parts = (*form.get("allOf", ()), *form.get("anyOf", ()))
        return bool(form.get("required")) or any(_asks_for_something(part) for part in parts)
    schema = form() if isinstance(form, type) else form
    return not schema.partial and any(one.required for one in schema.fields.values())


def _responses(api: Api, one: Operation) -> Told:
    answers = {one.said.status: one.said.answer, **one.said.also}
    told = {str(status): _json(schema, _DONE.get(status, "Refused")) for status, schema in answers.items()}
    for status in sorted(_refused_with(api, one) - set(answers)):
        told[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return told


def _json(schema: Any, text: str) -> Told:
    if isinstance(schema, File):
        return {"description": text, "content": {key: {"schema": FILE} for key in schema.mimetypes}}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _refused_with(api: Api, one: Operation) -> set[int]:
    said = one.said
    found = set(said.errors) | ({412, 422} if said.versioned else set())
    if not _is_open(api, one):
        found |= {401, 403}
    if said.query or said.listed or one.verb != "get":
        found |= {400}
    if "<" in one.path:
        found |= {404}
    if one.verb != "get" and not _is_open(api, one):
        found |= {409}
    if said.body is not None or said.upload is not None:
        found |= {413, 415, 422}
    return found


def _in_headers(api: Api, one: Operation) -> list[Told]:
    takes_key = one.verb == "post" and not _is_open(api, one)
    return [*([_KEY] if takes_key else []), *([_VERSION] if one.said.versioned else [])]


def _is_open(api: Api, one: Operation) -> bool:
    return is_open(f"{type(api).__name__}.{one.name}")
