"""The favorites of a unit as programs read and change them, one by one or from a sheet (R6.2, R6.3)."""

from __future__ import annotations

import io

from flask import Response, request, send_file
from flask_babel import gettext as _
from marshmallow import fields

from app.access.actors import EMPLOYER
from app.base.errors import Malformed
from app.base.masks import mask_id_number
from app.base.workbook import too_large
from app.employers.favorites.jobs import check_import_allowed, start_import
from app.employers.favorites.services import add_favorite, is_on_roster, remove_favorite
from app.employers.favorites.sheets import KIND, template
from app.employers.forms import GraduateSearchForm
from app.employers.guards import verified_employer
from app.employers.models import Favorite
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Listing
from app.fab.search import Equal, OneOf
from app.fab.shapes import FILE, JOB, MESSAGE, SHEET, Moment, Shape, many, one, worded
from app.web import payload
from app.web.numbers import row_id
from app.web.sheets import MIMETYPE


class FavoriteShape(Shape):
    """One entry."""

    id = fields.Integer()
    graduate_id = fields.Integer()
    name = fields.String(attribute="graduate.name")
    id_number = worded(lambda favorite: mask_id_number(favorite.graduate.id_number))
    school = fields.String(attribute="graduate.school.name")
    department = fields.String(attribute="graduate.department.name")
    level = fields.String(attribute="graduate.level")
    major = fields.String(attribute="graduate.major")
    cohort = fields.Integer()
    created_at = Moment()


_COHORT = {"cohort": {"type": "integer", "minimum": 1900, "maximum": 2999}}
favorite_json = FavoriteShape().dump


class FavoritesApi(RoomApi):
    """The unit's favourite students (R6.2)."""

    resource_name = class_permission_name = "favorites"
    permissions = {"can_list": (EMPLOYER,), "can_create": (EMPLOYER,), "can_delete": (EMPLOYER,)}
    listing = Listing(ScopedInterface(Favorite), {"cohort": (Equal, OneOf), "graduate_id": (Equal, OneOf)}, ("id",))

    @expose("/", methods=["GET"])
    @describe(many(FavoriteShape), query=_COHORT, listed=True, errors=(409,))
    def get_list(self) -> Response:
        """The unit's favorites, newest first: graduates that can be invited; removed ones are not among them."""
        actor = self.require("can_list")
        verified_employer(actor)
        conditions = [is_on_roster()] if (cohort := _cohort()) is None else [is_on_roster(), Favorite.cohort == cohort]
        page = self.listing.page(self.query(), actor, *conditions)
        return self.many(page, favorite_json)

    @expose("/", methods=["POST"])
    @describe(
        one(FavoriteShape),
        status=201,
        also={200: one(FavoriteShape)},
        body=GraduateSearchForm,
        errors=(404, 429),
    )
    def post(self) -> Response:
        """Find one graduate by name, ID number and school and keep them; a miss is 404 no_match."""
        favorite, new = add_favorite(self.body(), actor=self.actor())
        return self.one(favorite.id, favorite_json(favorite), 201 if new else 200)

    @expose("/<int:pk>", methods=["DELETE"])
    @describe(MESSAGE)
    def delete(self, pk: int) -> Response:
        """Take a graduate out of the favorites."""
        remove_favorite(row_id(pk), actor=self.actor())
        return json_answer(200, {"message": _("The graduate has been removed from your favorites.")})


def _cohort() -> int | None:
    text = request.args.get("cohort", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Malformed(_("There is no such cohort to show."))
    return int(text)


class FavoritesImportApi(RoomApi):
    """Many favourite students at once."""

    resource_name = class_permission_name = "favorites"
    permissions = {"can_list": (EMPLOYER,), "can_create": (EMPLOYER,)}

    @expose("/template", methods=["GET"])
    @describe(SHEET)
    def get_template(self) -> Response:
        """The empty sheet with its three columns."""
        self.require("can_list")
        return template_answer()

    @expose("/import", methods=["POST"])
    @describe(JOB, status=202, upload={"file": FILE})
    def post_import(self) -> Response:
        """Look for everybody on a sheet and keep whom is found; a job with the outcome {added, missed}."""
        actor = self.actor()
        check_import_allowed(actor=actor)
        content, _name = payload.uploaded(most=KIND.most_bytes, too_large=too_large(KIND.most_bytes))
        return json_answer(202, {"job_id": start_import(content, actor=actor).id})


def template_answer() -> Response:
    """The template as a download."""
    name = _("Template for graduates") + ".xlsx"
    return send_file(io.BytesIO(template()), mimetype=MIMETYPE, as_attachment=True, download_name=name)
