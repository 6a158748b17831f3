"""Which files the signings on paper take, from whom and when (R9.3)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.base.errors import Conflict, Forbidden
from app.cases.attachments import Kind, declare

STAMPED, STATEMENT, PAPER = "stamped_agreement", "statement", "paper_agreement"

OFFLINE_KINDS = (
    Kind(STAMPED, _("Agreement with the unit's stamp"), pdf=True),
    Kind(
        STATEMENT, _("Statement of what is wrong in the agreement"), hint=_("Only when the agreement itself is wrong")
    ),
)
SUPPLEMENTARY_KINDS = (Kind(PAPER, _("Pictures of the paper agreement"), pdf=True),)
# A stamped copy is wanted once the agreement has been approved; a statement may follow while it is reviewed (R8.5).
_OPEN_FOR = {
    STAMPED: ("agreement_approved", "returned"),
    STATEMENT: ("agreement_approved", "returned", "dept_review", "school_review"),
}


def _offline(case: Any, kind: str, actor: Actor) -> None:
    """The graduate hands in both; the unit, through its link, the stamped copy alone."""
    if actor.kind != GRADUATE and (actor.kind, kind) != (EMPLOYER, STAMPED):
        raise Forbidden()
    if case.state in _OPEN_FOR.get(kind, _OPEN_FOR[STATEMENT]):
        return
    if case.state in ("draft", "agreement_returned", "agreement_dept_review", "agreement_school_review"):
        raise Conflict(
            _("Files can be added once the agreement has been approved and printed."), "agreement_not_approved"
        )
    raise Conflict(
        _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."), "wrong_state"
    )


declare("offline_signing", OFFLINE_KINDS, may_change=_offline)
declare("supplementary", SUPPLEMENTARY_KINDS)
