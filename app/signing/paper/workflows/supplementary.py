"""W3 supplementary registration 补登: the table. An agreement that exists on paper is registered and reviewed once."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL
from app.cases import effects as reviewed
from app.cases.forms import WithdrawForm
from app.cases.guards import nobody_has_decided
from app.cases.rows import review_rows, submitted
from app.roster.guards import GRADUATE_GUARDS, may_sign
from app.signing.paper import effects as do
from app.signing.paper import guards
from app.signing.paper.models import Supplementary
from app.signing.paper.rows import AFTER_SIGNING
from app.workflow.registry import register
from app.workflow.table import State, Transition, Workflow, says

states = (
    State("draft", _("Draft"), "waiting", waits_for=GRADUATE),
    State("dept_review", _("Signing under review, waiting for the department"), "waiting", waits_for=DEPARTMENT),
    State("school_review", _("Signing under review, waiting for the school"), "waiting", waits_for=SCHOOL),
    State("returned", _("Returned for edit"), "waiting", waits_for=GRADUATE),
    State("rejected", _("Rejected (void)"), "failed", final=True),
    State("signed", _("Registration approved"), "in_force"),
    State("terminated", _("Terminated"), "over", final=True),
    State("voided", _("Voided"), "over", final=True),
)

initial = (
    Transition(
        event="create",
        sources=(),
        who=(GRADUATE,),
        target="draft",
        label=says(_("Register a signed agreement")),
        said=_("Graduate began the registration"),
        guards=(may_sign, guards.school_has_opened),
    ),
)


def _unit_code(case: Supplementary) -> str | None:
    return case.unit_uscc


transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=reviewed.first_review,
        label=says(_("Submit for review")),
        said=_("Graduate submitted the registration"),
        guards=(may_sign, guards.nothing_else_binds),
        form=guards.complete_application,
        effects=(
            do.keep_application,
            reviewed.bind_graduate,
            reviewed.keep_student_data,
            reviewed.forget_opinions,
        ),
    ),
    Transition(
        event="withdraw",
        sources=("dept_review", "school_review"),
        who=(GRADUATE,),
        target="draft",
        label=says(_("Withdraw")),
        said=_("Graduate withdrew the registration"),
        guards=(nobody_has_decided,),
        form=submitted(WithdrawForm),
        effects=(reviewed.release_graduate,),
        asks=("reason",),
    ),
    *review_rows(
        approved="signed",
        returned="returned",
        rejected="rejected",
        notice="supplementary",
        uscc=_unit_code,
        approve_effects=(do.note_signing, reviewed.confirm_graduate, do.report_signed),
        return_effects=(reviewed.release_graduate,),
        reject_effects=(reviewed.release_graduate,),
    ),
    *AFTER_SIGNING,
)

SUPPLEMENTARY = register(
    Workflow(
        name="supplementary",
        label=_("Supplementary registrations"),
        model=Supplementary,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
    )
)
