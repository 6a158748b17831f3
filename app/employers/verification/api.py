"""The API of the verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.base.errors import AppError, Invalid
from app.cases.api import CaseApi
from app.employers.models import EmployerVerification
from app.employers.verification.sheets import verification_columns
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf
from app.web.sheets import Column
from app.workflow.stages import Stage


class VerificationApi(CaseApi):
    """单位身份认证 (R5.3-R5.5, R5.8)."""

    workflow = "verification"
    search: Mapping[str, Kinds | None] = {
        "id": (Equal, OneOf),
        "state": (Equal, OneOf),
        "method": (Equal, OneOf),
        "employer_id": (Equal, OneOf),
        "created_at": None,
        "updated_at": None,
    }
    order: Sequence[str] = ("id", "created_at", "updated_at", "state")

    def refused_outcome(self, event: str, case: EmployerVerification) -> AppError | None:
        """A wrong amount is a wrong field; the try has been counted."""
        if event == "confirm_amount" and case.stage == Stage.ASKED:
            left = case.data["tries_left"]
            return Invalid({"amount": [_("This is not the amount that was remitted. %(left)s tries left.", left=left)]})
        return None

    def columns(self) -> Sequence[Column]:
        """No graduate is in these records."""
        return verification_columns()
