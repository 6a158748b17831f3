"""The base of all API rooms.

For a room's api.py:

* ``RoomApi``: any resource below /api/v1. Set ``resource_name``, ``class_permission_name`` (the view in the role
  matrix), ``permissions`` (which kinds of account are given what at first, e.g. ``{"can_list": (EMPLOYER,)}``), and
  ``module`` if it belongs to one. Write methods with ``@expose(url, methods=[...])`` and ``@describe(...)``
  (openapi.py); callers read the docstring. Helpers: ``self.actor()``, ``self.body()`` (checked JSON object),
  ``self.query()`` (rison q), ``self.require("can_list")``, ``self.one(id, json)``, ``self.many(count, rows, to_json)``,
  ``self.created(id, json)``, ``self.once(produce)`` (Idempotency-Key). Answers are shapes (shapes.py), whose ``dump``
  is the ``to_json``.
* ``Listing(ScopedInterface(Model), search={...}, order=(...)).page(self.query(), self.actor())`` in listing.py.
* ``CaseApi`` in case_api.py: a whole workflow from its table; the room fills in the hooks.
* ``cases.case_json(case, actor)`` and ``cases.cases_json(cases, actor)``: the one shape of a case.
* ``exporting.export_answer(name, columns, rows, …)``: a download. ``payload.ids(value)``: a checked list of ids.

The gate (gate.py) has already refused malformed bodies (400) and strangers (401) before any method runs. Raise the
errors of app.base.errors; app/web/errors.py turns them into JSON. A class with a ``resource_name`` in
a room's api.py is open (app/rooms.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response, jsonify, make_response, request
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api import expose as expose

from app.access.actors import Actor, module_refusal
from app.base.errors import Forbidden
from app.fab import openapi
from app.fab.listing import Listing
from app.fab.openapi import describe as describe
from app.fab.shapes import Told
from app.web import payload
from app.web.current import current_actor
from app.web.idempotency import HEADER, Answer, checked_key, fingerprint_of, once


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
        """The list query `q`."""
        return payload.query()

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

    def many(self, count: int, rows: Sequence[Any], to_json: Callable[[Any], Any]) -> Response:
        """One page of a list."""
        result = [to_json(row) for row in rows]
        return json_answer(200, {"count": count, "ids": [row.id for row in rows], "result": result})

    def once(self, produce: Callable[[], Answer]) -> Response:
        """Answer a creating call; repeated with the same Idempotency-Key it gives the same answer."""
        key = checked_key(request.headers.get(HEADER))
        user_id = self.actor().user_id
        assert user_id is not None
        status, body = once(user_id, key, fingerprint_of(request.path, self._sent()), produce)
        return json_answer(status, body)

    def _sent(self) -> Any:
        return request.form.to_dict() if request.form else self.body()

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
