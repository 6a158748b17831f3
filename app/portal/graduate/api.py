"""The one-time code of a binding act, for the graduate who is about to do it."""

from __future__ import annotations

from flask import Response
from marshmallow import ValidationError, fields

from app.base.errors import NotFound
from app.base.forms import FormSchema, read
from app.cases.proof import act_named
from app.codes.forms import Text
from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import group
from app.passcodes.acts import send_code
from app.passcodes.api import CodeShape, code_json
from app.web.numbers import LARGEST_ID


def _is_id(value: int | None) -> None:
    if value is not None and not 0 < value <= LARGEST_ID:
        raise ValidationError([NotFound().message])


class ActForm(FormSchema):
    """What the code is for; without `id` a record that is not there yet. `channel`: another than the own phone."""

    workflow = Text(32, required=True)
    event = Text(32, required=True)
    id = fields.Integer(strict=True, allow_none=True, load_default=None, validate=_is_id)
    channel = Text(16, allow_none=True, load_default=None)


class MyCodeApi(RoomApi):
    """Codes for acts that bind me."""

    resource_name = "me/code"
    class_permission_name = "me"

    @expose("", methods=["POST"])
    @describe(group(("result",), result=CodeShape), status=202, body=ActForm, errors=(404, 409, 429))
    def post(self) -> Response:
        """Send the code for one act to the graduate's own phone or bound WeChat: it holds for this act and record as it
        stands."""
        form = read(ActForm, self.body())
        named = act_named(form["workflow"], form["event"], form["id"], actor=self.actor())
        row = send_code(named.act, actor=self.actor(), channel=form["channel"])
        return json_answer(202, {"result": code_json(row)})
