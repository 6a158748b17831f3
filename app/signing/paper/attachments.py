"""Which files the signings on paper take, from whom and when (R9.3)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.base.errors import Conflict, Forbidden
from app.cases.attachments import Files, Kind
from app.signing.paper.models import PaperMixin
from app.workflow import registry
from app.workflow.stages import Stage

STAMPED, STATEMENT, PAPER = "stamped_agreement", "statement", "paper_agreement"
PRINTED = "offline_agreement"  # what the first of them is a copy of

OFFLINE_KINDS = (
    Kind(STAMPED, _("Agreement with the unit's stamp"), pdf=True, copy_of=PRINTED),
    Kind(
        STATEMENT, _("Statement of what is wrong in the agreement"), hint=_("Only when the agreement itself is wrong")
    ),
)
SUPPLEMENTARY_KINDS = (Kind(PAPER, _("Pictures of the paper agreement"), pdf=True),)


def wants_copy(case: PaperMixin) -> bool:
    """Whether the stamped copy can be handed in now: once the agreement has been approved, and again after a return."""
    return case.state in registry.get(case.workflow_name).sources_of("upload")


def _offline(case: PaperMixin, kind: str, actor: Actor) -> None:
    """The graduate hands in both; the unit, through its link, the stamped copy alone.

    A statement may follow while the copy is reviewed (R8.5).
    """
    if actor.kind != GRADUATE and (actor.kind, kind) != (EMPLOYER, STAMPED):
        raise Forbidden()
    printed = case.number is not None
    if wants_copy(case) or (kind != STAMPED and printed and case.stage == Stage.REVIEW):
        return
    if not printed and case.stage in (Stage.DRAFT, Stage.RETURNED, Stage.REVIEW):
        raise Conflict(
            _("Files can be added once the agreement has been approved and printed."), "agreement_not_approved"
        )
    raise Conflict(
        _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."), "wrong_state"
    )


OFFLINE_FILES = Files(OFFLINE_KINDS, may_change=_offline)
SUPPLEMENTARY_FILES = Files(SUPPLEMENTARY_KINDS)
