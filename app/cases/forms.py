"""Shape of the verdicts: what reviewers say when they approve, return, reject or end a case."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from app.codes.forms import Code, Flag, FormSchema, Named, Text

MOST_OPINIONS = 60
LONGEST_REASON = 500


class NoteForm(FormSchema):
    """The reviewer may leave a note."""

    note = Text(LONGEST_REASON)


class ApproveForm(NoteForm):
    """The final approval may take over the latest student information (R4.5)."""

    refresh_student = Flag(load_default=False)


class RejectForm(FormSchema):
    """Why the review failed: a reason of the list and words (R8.4)."""

    reason_code = Code("reject_reason", required=True)
    reason = Text(LONGEST_REASON, required=True)


class ReturnForm(FormSchema):
    """What has to be edited: in all, and at the fields by their paths, e.g. {"position.title": "…"} (R7.10)."""

    reason = Text(LONGEST_REASON, required=True)
    fields_: Any = Named(
        keys=fields.String(), values=Text(LONGEST_REASON), data_key="fields", attribute="fields", load_default=dict
    )

    @validates("fields_")
    def not_too_many(self, value: dict[str, str], **_options: Any) -> None:
        """A form has only so many fields; paths are short."""
        if len(value) > MOST_OPINIONS or any(len(path) > 100 for path in value):
            raise ValidationError(_("This value cannot be read. Please check it."))


class WithdrawForm(FormSchema):
    """Why the author takes the record back; may stay empty."""

    reason = Text(LONGEST_REASON)


class VoidForm(FormSchema):
    """Why the school voids the agreement (R8.9)."""

    reason = Text(LONGEST_REASON, required=True)


class ExplanationForm(FormSchema):
    """Why the school decides alone (R8.7)."""

    explanation = Text(LONGEST_REASON, required=True)


class CategoryForm(FormSchema):
    """The corrected 职位类别 (R8.8)."""

    category = Code("job_category", required=True)
