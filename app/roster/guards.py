"""What must be true of a graduate before anything is done with one of their cases."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, GRADUATE
from app.base.cohorts import is_operable
from app.base.errors import Conflict
from app.workflow.table import Context

DIRECTED = ("21", "41")  # training modes that sign nothing: a destination of their own is registered instead


def is_on_roster(context: Context) -> None:
    """Removed graduates (失效): the state is kept, every event is refused (R4.7)."""
    if context.case.invalid_since is not None:
        raise Conflict(
            _(
                "The graduate has been removed from the roster, so this record is invalid. "
                "Please ask the school's employment office to upload the graduate again."
            ),
            "invalid",
        )


def cohort_is_operable(context: Context) -> None:
    """Graduates and employers need an operable cohort; reviewers may still decide (R4.3)."""
    if context.actor.kind in (GRADUATE, EMPLOYER) and not is_operable(context.case.cohort):
        raise Conflict(
            _(
                "The season of the cohort %(cohort)s is over: its records can only be read.",
                cohort=context.case.cohort,
            ),
            "cohort_closed",
        )


def is_own_newest_row(context: Context) -> None:
    """A person who studied twice acts with the newest roster row; older ones are read only (R1.10)."""
    actor = context.actor
    if actor.kind == GRADUATE and context.case.graduate_id != actor.graduate_id:
        raise Conflict(_("This record belongs to your earlier studies and can only be read."), "older_studies")


def has_confirmed_information(context: Context) -> None:
    """Until the graduate has confirmed the basic information nothing else can be done (R1.9)."""
    if context.actor.kind == GRADUATE and context.case.graduate.confirmed_at is None:
        raise Conflict(_("Please first confirm your basic information."), "not_confirmed")


def may_sign(context: Context) -> None:
    """Training modes 21 and 41 can only register the supplementary destination (R4.4)."""
    if context.actor.kind in (GRADUATE, EMPLOYER) and context.case.graduate.training_mode in DIRECTED:
        raise Conflict(
            _(
                "The graduate's training mode (21 or 41) does not allow signing. "
                "Only the supplementary destination of directed students can be registered."
            ),
            "not_signable",
        )


GRADUATE_GUARDS = (is_on_roster, cohort_is_operable, is_own_newest_row, has_confirmed_information)
