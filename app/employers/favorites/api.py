"""The favorites of a unit as programs read and change them."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_babel import gettext as _

from app.access.actors import EMPLOYER
from app.base.clock import moment
from app.base.errors import Malformed
from app.base.masks import mask_id_number
from app.employers.favorites import imports_api as favorites_import_api
from app.employers.favorites.services import add_favorite, is_on_roster, remove_favorite
from app.employers.guards import verified_employer
from app.employers.models import Favorite
from app.fab.api import RoomApi, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.web.numbers import row_id


class FavoritesApi(RoomApi):
    """学生收藏夹 (R6.2)."""

    resource_name = class_permission_name = "favorites"
    permissions = {"can_list": (EMPLOYER,), "can_create": (EMPLOYER,), "can_delete": (EMPLOYER,)}
    listing = Listing(ScopedInterface(Favorite), {"cohort": (Equal, OneOf), "graduate_id": (Equal, OneOf)}, ("id",))

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """The unit's favorites.
        ---
        get:
          summary: The unit's favorites, newest first
          parameters:
            - {in: query, name: cohort, schema: {type: integer, minimum: 1900, maximum: 2999}}
            - in: query
              name: q
              content: {application/json: {schema: {$ref: '#/components/schemas/ListQuery'}}}
          responses:
            200:
              description: Graduates that can be invited; removed ones are not among them
              content:
                application/json:
                  schema:
                    type: object
                    required: [count, ids, result]
                    properties:
                      count: {type: integer}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {$ref: '#/components/schemas/Favorite'}}
        """
        actor = self.require("can_list")
        verified_employer(actor)
        conditions = [is_on_roster()] if (cohort := _cohort()) is None else [is_on_roster(), Favorite.cohort == cohort]
        count, rows = self.listing.page(self.query(), actor, *conditions)
        return self.many(count, rows, favorite_json)

    @expose("/", methods=["POST"])
    def post(self) -> Response:
        """Find one graduate exactly and keep them.
        ---
        post:
          summary: Find one graduate by name, ID number and school and keep them; a miss is 404 no_match
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, id_number, school]
                  properties:
                    name: {type: string, minLength: 1, maxLength: 64}
                    id_number: {type: string, minLength: 1, maxLength: 32}
                    school: {type: string, minLength: 1, maxLength: 64}
          responses:
            201:
              description: Kept
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/Favorite'}
            200:
              description: Was kept already
              content:
                application/json:
                  schema:
                    type: object
                    required: [id, result]
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/Favorite'}
        """
        actor = self.actor()

        def produce() -> tuple[int, dict[str, Any]]:
            favorite, new = add_favorite(self.body(), actor=actor)
            return (201 if new else 200), {"id": favorite.id, "result": favorite_json(favorite)}

        return self.once(produce)

    @expose("/<int:pk>", methods=["DELETE"])
    def delete(self, pk: int) -> Response:
        """Take a graduate out.
        ---
        delete:
          summary: Take a graduate out of the favorites
          parameters:
            - {in: path, name: pk, required: true, schema: {type: integer, minimum: 1}}
          responses:
            200:
              description: Taken out
              content:
                application/json:
                  schema: {type: object, required: [message], properties: {message: {type: string}}}
        """
        remove_favorite(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The graduate has been removed from your favorites.")})

    def add_apispec_components(self, api_spec: Any) -> None:
        """The shape of an entry beside the shared schemas."""
        super().add_apispec_components(api_spec)
        api_spec.components.schema("Favorite", FAVORITE)


_WHOLE = ("id", "graduate_id", "cohort")
_TEXTS = ("name", "id_number", "school", "department", "level", "major", "created_at")
FAVORITE: dict[str, Any] = {
    "type": "object",
    "required": [*_WHOLE, *_TEXTS],
    "properties": {name: {"type": "integer" if name in _WHOLE else "string"} for name in (*_WHOLE, *_TEXTS)},
}


def favorite_json(favorite: Favorite) -> dict[str, Any]:
    """One entry; the ID number masked."""
    graduate = favorite.graduate
    return {
        "id": favorite.id,
        "graduate_id": graduate.id,
        "name": graduate.name,
        "id_number": mask_id_number(graduate.id_number),
        "school": graduate.school.name,
        "department": graduate.department.name,
        "level": graduate.level,
        "major": graduate.major,
        "cohort": favorite.cohort,
        "created_at": moment(favorite.created_at),
    }


def _cohort() -> int | None:
    text = request.args.get("cohort", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Malformed(_("There is no such cohort to show."))
    return int(text)


def register(app: Flask) -> None:
    app.appbuilder.add_api(FavoritesApi)  # type: ignore[attr-defined]
    favorites_import_api.register(app)
