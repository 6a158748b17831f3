"""The public check of an agreement and of other papers over the API: /api/v1/verify (R9.4). Open to everybody, as the page is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, request
from marshmallow import fields

from app.fab.api import RoomApi, describe, expose, json_answer
from app.fab.shapes import FILE, STRING, Moment, Shape, Words, group
from app.signing.pages.verify import uploaded_paper
from app.signing.queries import STATES, Verified, verify_agreement, verify_file
from app.web.gate import open_to_all

open_to_all("VerifyApi.get", "VerifyApi.post")


class AnswerShape(Shape):
    """One answer: well or not, and what that means, in Chinese."""

    ok = fields.Boolean()
    text = fields.String()


class SealShape(AnswerShape):
    """Whether the seal on the file is this platform's."""

    certificate = fields.String(allow_none=True)
    sealed_at = Moment(allow_none=True)


class StandingShape(AnswerShape):
    """Whether the agreement is in force."""

    state = Words(*STATES)
    since = Moment(allow_none=True)


class FactsShape(Shape):
    """What the agreement says; the parties masked, the terms too where no file was shown.

    A sheet of the leaving confirmation, an authorization and an archive on its way say their `kind` and have other names.
    """

    kind = Words("sheet", "authorization", "transfer")
    cohort = fields.Integer()
    destination = fields.Raw(
        metadata={"type": ["string", "object", "null"], "description": "its label; of an authorization the record"}
    )
    archive = fields.Dict(allow_none=True)
    hukou = fields.Dict(allow_none=True)
    to = fields.String(metadata={"description": "who is authorized"})
    until = fields.Date()
    receiver = fields.String(allow_none=True)
    sent_on = fields.Date(allow_none=True)
    received_on = fields.Date(allow_none=True)
    number = fields.String()
    unit = fields.String()
    graduate = fields.String()
    school = fields.String()
    position = fields.String(allow_none=True)
    salary_month = fields.String(allow_none=True)
    report_by = fields.String(allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Each kind has its own names; the others are left out."""
        return obj.get(attr, default)


class VerifiedShape(Shape):
    """Three answers, each for itself; `file` and `seal` are null where only number and name were checked."""

    file = fields.Nested(AnswerShape, allow_none=True)
    seal = fields.Nested(SealShape, allow_none=True)
    standing = fields.Nested(StandingShape)
    facts = fields.Nested(FactsShape(partial=True), allow_none=True)
    checked_at = Moment()


verified_json = VerifiedShape().dump
ANSWER = group(("result",), result=VerifiedShape)


class VerifyApi(RoomApi):
    """Is this agreement genuine, and is it in force."""

    resource_name = class_permission_name = "verify"

    @expose("", methods=["GET"])
    @describe(ANSWER, query={"number": STRING, "name": STRING}, errors=(404, 429))
    def get(self) -> Response:
        """By number and the graduate's name, however they are spelt; a miss never says which part was wrong."""
        number, name = request.args.get("number", "")[:64], request.args.get("name", "")[:64]
        return _told(verify_agreement(number, name, ip=request.remote_addr))

    @expose("", methods=["POST"])
    @describe(ANSWER, upload={"file": FILE}, errors=(413, 422, 429))
    def post(self) -> Response:
        """By the file: is it as it was made, is the seal ours, is the agreement in force. The file is not kept."""
        return _told(verify_file(uploaded_paper(), ip=request.remote_addr))


def _told(found: Verified) -> Response:
    told: dict[str, Any] = verified_json(asdict(found))
    return json_answer(200, {"result": told})
