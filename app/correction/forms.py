"""What a graduate says of a field, and what the school answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import fields
from marshmallow.validate import OneOf

from app.cases.forms import LONGEST_REASON
from app.codes.forms import FormSchema, Named, Text
from app.correction.fields import FIELDS

LONGEST_VALUE = 128


class CorrectionForm(FormSchema):
    """Which field is wrong, what is right, and how one sees it."""

    field = fields.String(
        required=True,
        validate=OneOf(tuple(FIELDS), error=_("Please choose from the list.")),
        metadata={"label": _("Field")},
    )
    wanted = Text(LONGEST_VALUE, required=True, metadata={"label": _("Right value")})
    note = Text(LONGEST_REASON, metadata={"label": _("Note")})


class CheckForm(FormSchema):
    """All fields gone through: the right values of those that are wrong, by the field's name."""

    wrong = Named(
        keys=fields.String(validate=OneOf(tuple(FIELDS), error=_("Please choose from the list."))),
        values=Text(LONGEST_VALUE),
        load_default=dict,
    )
    note = Text(LONGEST_REASON, load_default="")


class DeclineForm(FormSchema):
    """Why the roster stays as it is."""

    reason = Text(LONGEST_REASON, required=True)
