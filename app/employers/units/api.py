"""The API of the units: 单位信息."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from app.access.actors import EMPLOYER, OPERATOR
from app.base.clock import moment
from app.employers.models import Employer, UnitChange
from app.employers.units.services import OPERATOR_ONLY, SELF_SERVICE, changes_of, unit_for, update_unit
from app.fab.api import RoomApi, expose
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Contains, Equal, OneOf
from app.web.numbers import row_id

_FIELDS = (*OPERATOR_ONLY, *SELF_SERVICE)
_NULLABLE = {"type": "string", "nullable": True}
UNIT: dict[str, Any] = {
    "type": "object",
    "required": ["id", *_FIELDS, "verified_at"],
    "properties": {"id": {"type": "integer"}, **dict.fromkeys((*_FIELDS, "verified_at", "updated_at"), _NULLABLE)},
}


class EmployersApi(RoomApi):
    """单位信息: operators see every unit, users of a unit their own (R5.7)."""

    resource_name = class_permission_name = "employers"
    permissions = {
        "can_list": (OPERATOR, EMPLOYER),
        "can_show": (OPERATOR, EMPLOYER),
        "can_edit": (OPERATOR, EMPLOYER),
    }
    listing = Listing(
        ScopedInterface(Employer),
        {"name": (Contains, Equal), "uscc": (Equal, OneOf), "nature": (Equal, OneOf), "industry": (Equal, OneOf)},
        ("id", "name"),
    )

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """Units.
        ---
        get:
          summary: Units, newest first; users of a unit see their own
          parameters:
            - in: query
              name: q
              content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Units
              content:
                application/json:
                  schema:
                    type: object
                    required: [count, ids, result]
                    properties:
                      count: {type: integer}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {$ref: '#/components/schemas/Unit'}}
        """
        actor = self.require("can_list")
        count, rows = self.listing.page(self.query(), actor)
        return self.many(count, rows, unit_json)

    @expose("/<int:pk>", methods=["GET"])
    def get(self, pk: int) -> Response:
        """One unit with the history of its changes.
        ---
        get:
          summary: One unit with the history of its changes
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: The unit
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/Unit'}
        """
        unit = unit_for(row_id(pk), actor=self.actor())
        return self.one(pk, {**unit_json(unit), "history": [change_json(row) for row in changes_of(unit)]})

    @expose("/<int:pk>", methods=["PUT"])
    def put(self, pk: int) -> Response:
        """Change a unit, partly.
        ---
        put:
          summary: Change a unit; what is not given stays. Name, short_name, uscc and job_industry are for operators
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    type: {type: string}
                    nature: {type: string}
                    industry: {type: string}
                    business_scope: {type: string, maxLength: 128}
                    size: {type: string}
                    region: {type: string}
                    address: {type: string, maxLength: 128}
                    website: {type: string, maxLength: 256}
                    welfare: {type: string, maxLength: 1000}
                    intro: {type: string, maxLength: 4000}
                    name: {type: string, maxLength: 64}
                    short_name: {type: string, maxLength: 32}
                    uscc: {type: string, maxLength: 18}
                    job_industry: {type: string, maxLength: 64}
          responses:
            200:
              description: The unit as it is now
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/Unit'}
        """
        return self.one(pk, unit_json(update_unit(row_id(pk), self.body(), actor=self.actor())))

    def add_apispec_components(self, api_spec: Any) -> None:
        """The shape of a unit beside the shared schemas."""
        super().add_apispec_components(api_spec)
        api_spec.components.schema("Unit", UNIT)


def unit_json(unit: Employer) -> dict[str, Any]:
    """One unit."""
    values = {name: getattr(unit, name) for name in _FIELDS}
    return {
        "id": unit.id,
        **values,
        "verified_at": moment(unit.verified_at),
        "updated_at": moment(unit.updated_at),
    }


def change_json(row: UnitChange) -> dict[str, Any]:
    """One change with the values before and after."""
    return {"at": moment(row.at), "actor": row.actor, "role": row.role, "changes": row.changes}


def register(app: Flask) -> None:
    app.appbuilder.add_api(EmployersApi)  # type: ignore[attr-defined]
