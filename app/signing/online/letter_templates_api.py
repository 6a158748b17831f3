"""Templates of the invitation letter over the API (R6.5)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.base.clock import moment
from app.employers.guards import verified_employer
from app.fab.api import RoomApi, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal
from app.signing.online.letter_templates import (
    VIEW,
    change_template,
    checked_kind,
    create_template,
    delete_template,
    history_of,
    template_for,
)
from app.signing.online.models import LetterTemplate, LetterTemplateChange
from app.web.numbers import row_id


class TemplatesApi(RoomApi):
    """邀请函信息管理: position, archive, hukou."""

    resource_name = class_permission_name = VIEW
    permissions = dict.fromkeys(("can_list", "can_create", "can_edit", "can_delete"), (EMPLOYER,))
    listing = Listing(ScopedInterface(LetterTemplate), {"name": (Equal,)}, ("id", "name", "updated_at"))

    @expose("/<string:kind>/", methods=["GET"])
    def get_list(self, kind: str) -> Response:
        """The unit's templates of one kind.
        ---
        get:
          summary: The unit's templates of one kind
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
            - in: query
              name: q
              content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Templates
              content:
                application/json:
                  schema:
                    type: object
                    required: [count, ids, result]
                    properties:
                      count: {type: integer}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {type: object}}
        """
        checked_kind(kind)
        actor = self.require("can_list")
        verified_employer(actor)
        count, rows = self.listing.page(self.query(), actor, LetterTemplate.kind == kind)
        return self.many(count, rows, template_json)

    @expose("/<string:kind>/", methods=["POST"])
    def post(self, kind: str) -> Response:
        """Keep a template.
        ---
        post:
          summary: Keep a template; the name is the unit's own for each kind
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}
          responses:
            201: {description: Kept, content: {application/json: {schema: {type: object, required: [id, result]}}}}
        """
        actor, body = self.actor(), self.body()

        def produce() -> tuple[int, dict[str, Any]]:
            template = create_template(kind, body, actor=actor)
            return 201, {"id": template.id, "result": template_json(template)}

        return self.once(produce)

    @expose("/<string:kind>/<int:pk>", methods=["GET"])
    def get(self, kind: str, pk: int) -> Response:
        """One template.
        ---
        get:
          summary: One template
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200: {description: The template, content: {application/json: {schema: {type: object}}}}
        """
        template = template_for(kind, row_id(pk), actor=self.actor())
        self.require("can_list")
        return self.one(pk, template_json(template))

    @expose("/<string:kind>/<int:pk>", methods=["PUT"])
    def put(self, kind: str, pk: int) -> Response:
        """Replace a template.
        ---
        put:
          summary: Replace name and content
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          requestBody:
            required: true
            content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}
          responses:
            200: {description: Changed, content: {application/json: {schema: {type: object}}}}
        """
        return self.one(pk, template_json(change_template(kind, row_id(pk), self.body(), actor=self.actor())))

    @expose("/<string:kind>/<int:pk>", methods=["DELETE"])
    def delete(self, kind: str, pk: int) -> Response:
        """Take a template away.
        ---
        delete:
          summary: Take a template away; its history stays
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200: {description: Taken away, content: {application/json: {schema: {type: object}}}}
        """
        delete_template(kind, row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The template has been deleted.")})

    @expose("/<string:kind>/<int:pk>/history", methods=["GET"])
    def history(self, kind: str, pk: int) -> Response:
        """Who changed what.
        ---
        get:
          summary: Who changed what and when, newest first
          parameters:
            - {in: path, name: kind, required: true, schema: {type: string, enum: [position, archive, hukou]}}
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200: {description: Changes, content: {application/json: {schema: {type: object}}}}
        """
        rows = history_of(kind, row_id(pk), actor=self.actor())
        return self.many(len(rows), rows, change_json)


def template_json(template: LetterTemplate) -> dict[str, Any]:
    """One template: its name beside the fields of that part of the letter."""
    about = {"id": template.id, "kind": template.kind, "name": template.name}
    return {**template.data, **about, "updated_by": template.updated_by, "updated_at": moment(template.updated_at)}


def change_json(change: LetterTemplateChange) -> dict[str, Any]:
    """One change, before and after."""
    return {
        "id": change.id,
        "event": change.event,
        "before": change.before,
        "after": change.after,
        "actor": change.actor,
        "at": moment(change.at),
    }


def register(app: Flask) -> None:
    """Open the API."""
    app.appbuilder.add_api(TemplatesApi)  # type: ignore[attr-defined]
