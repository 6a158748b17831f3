"""Shape of the input of online terminations: why one side wants to end the agreement, and what the other answers."""

from __future__ import annotations

from app.codes.forms import Code, FormSchema, Text, Whole

LONGEST_REASON = 500


class GraduateStartForm(FormSchema):
    """The graduate chooses a reason of the list and may explain it (R7.5)."""

    reason_code = Code("rescission_reason", required=True)
    reason = Text(LONGEST_REASON)


class EmployerStartForm(FormSchema):
    """The unit writes the reason (R6.9)."""

    reason = Text(LONGEST_REASON, required=True)


class StartForm(FormSchema):
    """What a caller of the API sends: which agreement, and why."""

    signing_id = Whole(1, 2**63 - 1, required=True)
    reason_code = Code("rescission_reason")
    reason = Text(LONGEST_REASON)


class RefuseForm(FormSchema):
    """The other side may say why the agreement shall stay."""

    reason = Text(LONGEST_REASON)
