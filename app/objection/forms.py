"""What a graduate says of a record, and what school and province answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.cases.forms import LONGEST_REASON
from app.codes.forms import FormSchema, Text, Whole

LONGEST_TEXT = 1000


class ObjectionForm(FormSchema):
    """Which record is meant, and what is not true about it."""

    workflow = Text(32, required=True)
    case_id = Whole(1, 2**63 - 1, required=True)
    text = Text(LONGEST_TEXT, required=True, metadata={"label": _("What is not true")})


class ExplainForm(FormSchema):
    """How the school explains that the record came about."""

    text = Text(LONGEST_TEXT, required=True, metadata={"label": _("How the record came about")})


class FindingForm(FormSchema):
    """Why the province decides so."""

    reason = Text(LONGEST_REASON, required=True)
