"""What must be true before a signing of any kind is voided."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.signing.ends import is_ending
from app.workflow.table import Context


def no_termination_is_open(context: Context[Any]) -> None:
    """A termination in progress must be settled before the signing is voided."""
    if is_ending(context.case):
        raise Conflict(
            _("A termination of this agreement is in progress. Please settle that application first."),
            "termination_open",
        )
