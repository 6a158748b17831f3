"""The API of masked data: one graduate's in full, for a reason."""

from __future__ import annotations

from flask import Response
from flask_babel import lazy_gettext as _
from marshmallow import fields

from app.access.actors import STAFF
from app.access.reveals import CAN_REVEAL, VIEW
from app.fab.api import RoomApi, describe, expose
from app.fab.shapes import Shape, one
from app.roster import personal
from app.web.numbers import row_id

RevealedShape = Shape.from_dict(
    {field.name: fields.String(allow_none=True) for field in personal.MASKED}, name="RevealedShape"
)


class RevealApi(RoomApi):
    """ID number and mobile of a graduate in full; it stands in the trail, and the graduate can read it."""

    resource_name = "graduates"
    class_permission_name = VIEW
    permission_label = _("Masked personal data")
    permission_labels = {CAN_REVEAL: _("see in full, with a reason")}
    permissions = {CAN_REVEAL: STAFF}

    @expose("/<int:pk>/reveal", methods=["POST"])
    @describe(one(RevealedShape), body=personal.RevealForm)
    def reveal(self, pk: int) -> Response:
        """What is masked of a graduate, for a reason."""
        return self.one(pk, personal.reveal(row_id(pk), self.body(), actor=self.actor()))
