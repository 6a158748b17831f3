"""What must be true before a signing of any kind is voided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Conflict
from app.documents.agreement import check_printable
from app.documents.errors import UnprintableText
from app.signing.ends import is_ending
from app.workflow.table import Context


def no_termination_is_open(context: Context[Any]) -> None:
    """A termination in progress must be settled before the signing is voided."""
    if is_ending(context.case):
        raise Conflict(
            _("A termination of this agreement is in progress. Please settle that application first."),
            "termination_open",
        )


def refuse_unprintable(content: Mapping[str, Any]) -> None:
    """Nobody signs what no paper can be made of; the refusal names the field and the signs."""
    try:
        check_printable(content)
    except UnprintableText as refused:
        raise Conflict(refused.message, refused.code) from refused
