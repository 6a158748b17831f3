"""What doors tell of a code that was sent."""

from __future__ import annotations

from marshmallow import fields

from app.base.clock import moment
from app.fab.shapes import Moment, Shape
from app.passcodes.models import VerificationCode
from app.passcodes.services import sent_to, shown_code


class CodeShape(Shape):
    """Where a code went; in a trial, where nobody is reached, the code itself."""

    sent_to = fields.String()
    channel = fields.String()
    expires_at = Moment()
    trial_code = fields.String(allow_none=True)


def code_json(row: VerificationCode) -> dict[str, str | None]:
    """What may be told of a code that was sent."""
    told = {"sent_to": sent_to(row), "channel": row.channel, "expires_at": moment(row.expires_at)}
    shown = shown_code(row)
    return told | ({"trial_code": shown} if shown else {})
