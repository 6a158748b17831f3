"""The API of flagged units (R8.11): for the accounts of the school itself, never for units."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_babel import gettext as _

from app.access.actors import SCHOOL
from app.base.clock import moment
from app.fab.api import RoomApi, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, OneOf
from app.flags import queries, services
from app.flags.models import UnitWarning
from app.web.numbers import row_id

VERBS = ("can_list", "can_show", "can_create", "can_edit", "can_delete")


class WarningsApi(RoomApi):
    """预警单位管理 for programs."""

    resource_name = class_permission_name = queries.VIEW
    module = queries.MODULE
    permissions = dict.fromkeys(VERBS, (SCHOOL,))
    listing = Listing(
        ScopedInterface(UnitWarning), {"uscc": (Equal, OneOf), "name": (Contains, Equal)}, ("id", "name", "uscc")
    )

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """The units that my school has marked.
        ---
        get:
          summary: The units that my school has marked, newest first
          parameters:
            - in: query
              name: q
              content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Marked units
              content:
                application/json:
                  schema:
                    type: object
                    required: [count, ids, result]
                    properties:
                      count: {type: integer}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {$ref: '#/components/schemas/UnitWarning'}}
        """
        actor = self.require("can_list")
        count, rows = self.listing.page(self.query(), actor)
        return self.many(count, rows, warning_json)

    @expose("/<int:pk>", methods=["GET"])
    def get(self, pk: int) -> Response:
        """One of them.
        ---
        get:
          summary: One unit that my school has marked
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The mark
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/UnitWarning'}
        """
        marked = queries.warning_visible_to(self.actor(), row_id(pk))
        self.require("can_show")
        return self.one(marked.id, warning_json(marked))

    @expose("/", methods=["POST"])
    def post(self) -> Response:
        """Mark a unit.
        ---
        post:
          summary: Mark a unit, registered here or not, by its credit code
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [uscc, name, kinds, reason]
                  properties:
                    uscc: {type: string, minLength: 18, maxLength: 18}
                    name: {type: string, minLength: 1, maxLength: 64}
                    kinds: {type: array, minItems: 1, items: {type: string}, description: codes of warning_reason}
                    reason: {type: string, minLength: 1, maxLength: 500}
          responses:
            201:
              description: The mark
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/UnitWarning'}
        """
        actor = self.actor()

        def produce() -> tuple[int, dict[str, Any]]:
            marked = services.add_warning(self.body(), actor=actor)
            return 201, {"id": marked.id, "result": warning_json(marked)}

        return self.once(produce)

    @expose("/<int:pk>", methods=["PUT"])
    def put(self, pk: int) -> Response:
        """Change a mark.
        ---
        put:
          summary: Change a mark of my school; what is absent stays
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    uscc: {type: string, minLength: 18, maxLength: 18}
                    name: {type: string, minLength: 1, maxLength: 64}
                    kinds: {type: array, minItems: 1, items: {type: string}, description: codes of warning_reason}
                    reason: {type: string, minLength: 1, maxLength: 500}
          responses:
            200:
              description: The mark
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/UnitWarning'}
        """
        marked = services.change_warning(row_id(pk), self.body(), actor=self.actor())
        return self.one(marked.id, warning_json(marked))

    @expose("/<int:pk>", methods=["DELETE"])
    def delete(self, pk: int) -> Response:
        """Take a mark back.
        ---
        delete:
          summary: Take a mark of my school back
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: Taken back
              content:
                application/json:
                  schema: {type: object, required: [message], properties: {message: {type: string}}}
        """
        services.remove_warning(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The unit is no longer marked by your school.")})

    def add_apispec_components(self, api_spec: Any) -> None:
        """The shape of a mark beside the shared schemas."""
        super().add_apispec_components(api_spec)
        api_spec.components.schema("UnitWarning", WARNING)


_TEXTS = ("uscc", "name", "reason", "created_by", "created_at", "updated_at")
WARNING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kinds", *_TEXTS],
    "properties": {
        "id": {"type": "integer"},
        "kinds": {"type": "array", "items": {"type": "string"}},
        **{name: {"type": "string"} for name in _TEXTS},
    },
}


def warning_json(marked: UnitWarning) -> dict[str, Any]:
    """One mark."""
    return {
        "id": marked.id,
        "uscc": marked.uscc,
        "name": marked.name,
        "kinds": list(marked.kinds),
        "reason": marked.reason,
        "created_by": marked.created_by,
        "created_at": moment(marked.created_at),
        "updated_at": moment(marked.updated_at),
    }


def register(app: Flask) -> None:
    app.appbuilder.add_api(WarningsApi)  # type: ignore[attr-defined]
