"""W5 offline termination 线下解约: the table. What it says is what the program does."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL, Actor
from app.cases import attachments
from app.cases import effects as common
from app.cases.attachments import Kind
from app.cases.forms import WithdrawForm
from app.cases.guards import nobody_has_decided
from app.cases.rows import review_rows, submitted
from app.roster.guards import GRADUATE_GUARDS
from app.signing.online.guards import open_termination_checks
from app.termination import limits
from app.termination.offline import effects as do
from app.termination.offline import guards
from app.termination.offline.forms import SettlementForm
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.termination.offline.queries import is_under_review
from app.workflow.registry import register
from app.workflow.table import State, Transition, Workflow, says


def _label(case: Any, _reader: Actor | None) -> Any:
    if case.state == "rejected" and case.rejected_from == "dept_review":
        return _("Termination rejected by the department (termination failed)")
    if case.state == "rejected" and case.rejected_from == "school_review":
        return _("Termination rejected by the school (termination failed)")
    return None


states = (
    State("draft", _("Application for termination not submitted yet"), "waiting", waits_for=GRADUATE),
    State("dept_review", _("Terminating, waiting for the department's review"), "waiting", waits_for=DEPARTMENT),
    State("school_review", _("Terminating, waiting for the school's review"), "waiting", waits_for=SCHOOL),
    State("returned", _("Termination returned for edit"), "waiting", waits_for=GRADUATE),
    State("rejected", _("Termination rejected (termination failed)"), "failed", final=True),
    State("approved", _("Termination approved (terminated)"), "over", final=True),
)

initial = (
    Transition(
        event="create",
        sources=(),
        who=(GRADUATE,),
        target="draft",
        label=says(_("Apply for termination")),
        said=_("Graduate began the application"),
        guards=(guards.signing_is_in_force, guards.is_the_only_application),
    ),
)

transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=common.first_review,
        label=says(_("Submit the application for termination")),
        said=_("Graduate submitted the application"),
        guards=(guards.signing_is_in_force, guards.is_the_only_application, limits.refuse_beyond_limit),
        form=guards.is_complete,
        effects=(do.hold_signing, do.count_application, common.keep_student_data, common.forget_opinions),
    ),
    Transition(
        event="withdraw",
        sources=("dept_review", "school_review"),
        who=(GRADUATE,),
        target="draft",
        label=says(_("Withdraw the application")),
        said=_("Graduate withdrew the application"),
        guards=(nobody_has_decided,),
        form=submitted(WithdrawForm),
        asks=("reason",),
    ),
    *review_rows(
        approved="approved",
        returned="returned",
        notice="offline_termination",
        witnessed=True,
        approve_form=SettlementForm,
        approve_guards=(guards.signing_is_in_force,),
        approve_effects=(do.settle, do.end_signing),
    ),
)

OFFLINE_TERMINATION = register(
    Workflow(
        name="offline_termination",
        label=_("Offline termination"),
        model=OfflineTermination,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
    )
)

attachments.declare(
    OFFLINE_TERMINATION.name,
    (
        Kind(LETTER, _("Termination letter"), pdf=True),
        Kind(STATEMENT, _("Statement of circumstances"), pdf=True),
    ),
)
limits.counts(OfflineTermination, OfflineTermination.submitted_at.is_not(None))
open_termination_checks.append(is_under_review)
