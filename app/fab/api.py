"""The base of all API rooms.

For a room's api.py:

* ``RoomApi``: any resource below /api/v1. Set ``resource_name``, ``class_permission_name`` (the view in the role
  matrix), ``permissions`` (which kinds of account are given what at first, e.g. ``{"can_list": (EMPLOYER,)}``), and
  ``module`` if it belongs to one. Write methods with ``@expose(url, methods=[...])`` and ``@describe(...)``
  (openapi.py); callers read the docstring. Helpers: ``self.actor()``, ``self.body()`` (checked JSON object),
  ``self.query()`` (rison q), ``self.require("can_list")``, ``self.one(id, json)``, ``self.many(page, to_json)``,
  ``self.created(id, json)``. Answers are shapes (shapes.py), whose ``dump`` is the ``to_json``. Every POST takes an
  Idempotency-Key: ``expose`` sees to it.
* ``Listing(ScopedInterface(Model), search={...}, order=(...)).page(self.query(), self.actor())`` in listing.py.
* ``CaseApi`` in cases/api.py: a whole workflow from its table; the room fills in the hooks.
* ``cases.case_json(case, actor)`` and ``cases.cases_json(cases, actor)``: the one shape of a case.
* ``exporting.export_answer(name, columns, rows, …)``: a download. ``payload.ids(value)``: a checked list of ids.

The gate (gate.py) has already refused malformed bodies (400) and strangers (401) before any method runs. Raise the
errors of app.base.errors; app/web/errors.py turns them into JSON. A class with a ``resource_name`` in
a room's api.py is open (app/rooms.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, make_response, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api import expose as fab_expose

from app.access.actors import Actor, module_refusal
from app.base.errors import Forbidden
from app.fab import forms, openapi
from app.fab.listing import Listed, Listing
from app.fab.openapi import describe as describe
from app.fab.shapes import Told
from app.web import payload
from app.web.current import current_actor
from app.web.gate import is_open
from app.web.idempotency import HEADER, checked_key, fingerprint_of, once

Method = Callable[..., Any]


def expose(url: str = "/", methods: Sequence[str] = ("GET",)) -> Callable[[Method], Method]:
    """FAB's; a POST of somebody known is answered once for each Idempotency-Key that comes with it."""

    def mark(method: Method) -> Method:
        exposed: Method = fab_expose(url, methods)(_answered_once(method) if "POST" in methods else method)
        return exposed

    return mark


def _answered_once(method: Method) -> Method:
    """What `untold` of its description names is told the first time only: it is never kept."""

    @wraps(method)
    def answer(api: RoomApi, *args: Any, **named: Any) -> Any:
        key = checked_key(request.headers.get(HEADER))
        if key is None or is_open(request.endpoint):
            return method(api, *args, **named)
        first: list[Response] = []

        def produce() -> tuple[int, dict[str, Any]]:
            first.append(method(api, *args, **named))
            kept = dict(first[0].get_json())
            for name in method.description.untold:  # type: ignore[attr-defined]
                kept["result"] = {**kept["result"], name: None}
            return first[0].status_code, kept

        user_id = api.actor().user_id
        assert user_id is not None
        status, body = once(user_id, key, fingerprint_of(request.path, _sent()), produce)
        return first[0] if first else json_answer(status, body)

    return answer


def _sent() -> Any:
    """What makes a request the same as another one: its body, or the fields and files of its form."""
    if not (request.form or request.files):
        return payload.body()
    files = [
        (name, file.filename, hashlib.sha256(file.stream.read()).hexdigest())
        for name, several in request.files.lists()
        for file in several
    ]
    for _name, several in request.files.lists():
        for file in several:
            file.stream.seek(0)
    return [request.form.to_dict(flat=False), files]


class RoomApi(BaseApi):
    """A resource of the API: tokens only, one error shape, closed unless opened."""

    base_permissions: list[str] | None = None
    module: str | None = None
    permissions: Mapping[str, Sequence[str]] = {}
    words: Mapping[str, Sequence[str] | Told] = {}  # what a text in the address may be: a few, or their schema
    listing: Listing

    def __init__(self) -> None:
        if self.base_permissions is None:
            self.base_permissions = list(self.permissions)
        super().__init__()

    # Methods, not properties: FAB looks at every attribute when a view is made, long before any request.

    def actor(self) -> Actor:
        """Who calls."""
        return current_actor()

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; {} when nothing was."""
        return payload.body()

    def query(self) -> dict[str, Any]:
        """What the list is asked for: `q`, and the plain parameters beside it."""
        method = getattr(self, str(request.endpoint).rpartition(".")[2])
        own = method.description.query
        fields = own if isinstance(own, Mapping) else own().fields
        return forms.of_request(payload.query(), self.listing, fields)

    def require(self, permission: str) -> Actor:
        """The actor, if role and module allow it (只读 only reads, R1.4); raises Forbidden."""
        actor = self.actor()
        if self.module and not (actor.reads if request.method == "GET" else actor.writes)(self.module):
            raise module_refusal(actor, self.module)
        if not actor.may(permission, str(self.class_permission_name)):
            raise Forbidden()
        return actor

    def one(self, key: Any, result: Any, status: int = 200) -> Response:
        """A single record."""
        return json_answer(status, {"id": key, "result": result})

    def created(self, key: Any, result: Any) -> Response:
        """A new record (201)."""
        return self.one(key, result, 201)

    def many(self, page: Listed, to_json: Callable[[Any], Any]) -> Response:
        """One page of a list, and where the next one is."""
        return self.listed(page, [to_json(row) for row in page.rows])

    def listed(self, page: Listed, result: Sequence[Any]) -> Response:
        """The same for rows that are told already."""
        answer = {"count": page.count, "ids": [row.id for row in page.rows], "result": result}
        if page.following is None:
            return json_answer(200, answer)
        response = json_answer(200, {**answer, "cursor": page.following.get("cursor")})
        kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("page", "cursor")]
        address = f"{request.base_url}?{urlencode([*kept, *page.following.items()])}"
        response.headers["Link"] = f'<{address}>; rel="next"'
        return response

    def operations(self) -> Iterator[openapi.Operation]:
        """What there is to call, for the description; a room whose addresses follow from a table writes them out."""
        return openapi.operations_of(self)

    def add_api_spec(self, api_spec: Any) -> None:
        """FAB's hook."""
        for one in self.operations():
            described = {one.verb: openapi.operation(self, one)}
            api_spec.path(path=openapi.address(self, one.path), operations=described)


def json_answer(status: int, body: Any) -> Response:
    """`body` as JSON with this status."""
    return make_response(jsonify(body), status)
