"""Shape of the input of offline terminations."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from app.cases.forms import ApproveForm
from app.codes.forms import Code, FormSchema, Text
from app.termination.offline.models import SETTLEMENTS, SIGNINGS, UNILATERAL

MOST_WORDS = 500


class SigningForm(FormSchema):
    """Which signing an application is about."""

    signing_workflow = fields.String(
        required=True,
        validate=validate.OneOf(SIGNINGS, error=_("Please name offline_signing or supplementary.")),
        error_messages={"required": _("Please fill this in."), "invalid": _("Please fill this in.")},
    )
    signing_id = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(1, 2**63 - 1, error=_("Record ids are positive whole numbers.")),
        error_messages={
            "required": _("Please fill this in."),
            "invalid": _("Record ids are positive whole numbers."),
        },
    )


class ReasonForm(FormSchema):
    """Why the graduate wants to be released; a draft may leave both open."""

    reason_code = Code("rescission_reason", load_default=None, allow_none=True)
    reason = Text(MOST_WORDS, load_default=None, allow_none=True)


class ApplicationForm(SigningForm, ReasonForm):
    """The body of create and edit, for the description of the API."""


class SettlementForm(ApproveForm):
    """How the school settles it: with the unit's consent, or by the graduate alone with an explanation (R8.7)."""

    settlement = Code(
        "rescission_result",
        required=True,
        validate=validate.OneOf(SETTLEMENTS, error=_("Please choose mutual or unilateral.")),
    )
    explanation = Text(MOST_WORDS)

    @validates_schema
    def explained_when_alone(self, data: dict[str, Any], **_options: Any) -> None:
        """Without the unit's letter the school answers for it, in words."""
        if data.get("settlement") == UNILATERAL and not data.get("explanation"):
            raise ValidationError(
                {"explanation": [_("Please explain what you found out and why the unit gives no letter.")]}
            )
