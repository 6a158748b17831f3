"""W1 online signing 线上签约: the table. What it says is what the program does."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.forms import read
from app.register.queries import seen_with_decision
from app.roster.guards import GRADUATE_GUARDS, holds_no_other_claim, may_sign
from app.roster.refreshing import fetch_latest
from app.schools.models import TWO_PARTY
from app.signing import effects as do
from app.signing import forms, guards
from app.signing.models import OnlineSigning
from app.workflow.registry import register
from app.workflow.table import Form, Notice, State, Transition, Workflow, says

REVIEW = ("dept_review", "school_review")


def _form(schema: type) -> Form:
    return lambda context: read(schema, context.data)


def _decision(schema: type) -> Form:
    """The fields of a verdict, and what the company register said when it was given (R8.10)."""
    return lambda context: {
        **read(schema, context.data),
        **seen_with_decision(context.data, context.case.employer.uscc),
    }


def _verdict(two_party: Any, three_party: Any) -> Any:
    """The verb follows the agreement type: 鉴证 with two parties, 审核 with three (R2.3)."""
    return lambda case: two_party if getattr(case, "agreement_type", None) == TWO_PARTY else three_party


def _label(case: Any, reader: Actor | None) -> Any:
    if case.state in REVIEW and reader is not None and reader.kind == EMPLOYER:
        return _("Accepted by the graduate, under review")
    if case.state == "rejected" and case.rejected_from == "dept_review":
        return _("Signing rejected by the department")
    if case.state == "rejected" and case.rejected_from == "school_review":
        return _("Signing rejected by the school")
    return None


states = (
    State("invited", _("Waiting for the graduate's answer"), "waiting"),
    State("dept_review", _("Graduate agreed, waiting for the department's review"), "waiting"),
    State("school_review", _("Graduate agreed, waiting for the school's review"), "waiting"),
    State("signed", _("Signing approved"), "in_force"),
    State("declined", _("Declined by the graduate (signing failed)"), "failed", final=True),
    State("expired", _("Invitation not answered in time (signing failed)"), "failed", final=True),
    State("withdrawn", _("Withdrawn by the unit (signing failed)"), "over", final=True),
    State("aborted", _("Aborted by the graduate (signing failed)"), "failed", final=True),
    State("rejected", _("Signing rejected by the reviewers"), "failed", final=True),
    State("terminated", _("Terminated"), "over", final=True),
    State("voided", _("Voided"), "over", final=True),
)

initial = (
    Transition(
        event="invite",
        sources=(),
        who=(EMPLOYER,),
        target="invited",
        label=says(_("Send invitation")),
        guards=(may_sign,),
        notices=(Notice("invitation_received", to=(GRADUATE,)),),
    ),
)

transitions = (
    Transition(
        event="accept",
        sources=("invited",),
        who=(GRADUATE,),
        target=do.first_review,
        label=says(_("Accept")),
        guards=(guards.is_within_validity, may_sign, holds_no_other_claim),
        effects=(do.bind_graduate, do.keep_student_data),
        notices=(Notice("invitation_accepted", to=(EMPLOYER,)),),
        irreversible=True,
    ),
    Transition(
        event="decline",
        sources=("invited",),
        who=(GRADUATE,),
        target="declined",
        label=says(_("Decline")),
        guards=(guards.is_within_validity, guards.graduate_is_not_signed),
        form=_form(forms.DeclineForm),
        notices=(Notice("invitation_declined", to=(EMPLOYER,)),),
        asks=("reason",),
    ),
    Transition(
        event="expire",
        sources=("invited",),
        who=(SYSTEM_KIND,),
        target="expired",
        label=says(_("Expire")),
        guards=(guards.is_overdue,),
        notices=(Notice("invitation_expired", to=(GRADUATE, EMPLOYER)),),
    ),
    Transition(
        event="withdraw",
        sources=("invited",),
        who=(EMPLOYER,),
        target="withdrawn",
        label=says(_("Withdraw invitation")),
        form=_form(forms.WithdrawForm),
        notices=(Notice("invitation_withdrawn", to=(GRADUATE,)),),
        irreversible=True,
        asks=("reason_code", "reason"),
        elsewhere={
            state: _("The graduate has accepted. Please ask the graduate to abort the signing.") for state in REVIEW
        },
    ),
    Transition(
        event="abort",
        sources=REVIEW,
        who=(GRADUATE,),
        target="aborted",
        label=says(_("Abort signing")),
        guards=(guards.nobody_has_decided,),
        effects=(do.release_graduate,),
        notices=(Notice("signing_aborted", to=(EMPLOYER,)),),
        irreversible=True,
    ),
    Transition(
        event="approve",
        sources=("dept_review",),
        who=(DEPARTMENT,),
        target="school_review",
        label=_verdict(_("Witness and pass"), _("Approve")),
        form=_decision(forms.NoteForm),
        notices=(Notice("signing_department_approved", to=(GRADUATE, EMPLOYER)),),
        asks=("note",),
    ),
    Transition(
        event="approve",
        sources=("school_review",),
        who=(SCHOOL,),
        target="signed",
        label=_verdict(_("Witness and pass"), _("Approve")),
        form=_decision(forms.ApproveForm),
        effects=(do.take_latest_student, do.complete, do.report_signed, do.let_cases_follow),
        notices=(Notice("signing_approved", to=(GRADUATE, EMPLOYER)),),
        irreversible=True,
        asks=("note", "refresh_student"),
        fetches={"refresh_student": fetch_latest},
    ),
    Transition(
        event="reject",
        sources=("dept_review",),
        who=(DEPARTMENT,),
        target="rejected",
        label=_verdict(_("Refuse to witness"), _("Reject")),
        form=_decision(forms.RejectForm),
        effects=(do.remember_stage, do.release_graduate),
        notices=(Notice("signing_rejected", to=(GRADUATE, EMPLOYER)),),
        irreversible=True,
        asks=("reason_code", "reason"),
    ),
    Transition(
        event="reject",
        sources=("school_review",),
        who=(SCHOOL,),
        target="rejected",
        label=_verdict(_("Refuse to witness"), _("Reject")),
        form=_decision(forms.RejectForm),
        effects=(do.remember_stage, do.release_graduate),
        notices=(Notice("signing_rejected", to=(GRADUATE, EMPLOYER)),),
        irreversible=True,
        asks=("reason_code", "reason"),
    ),
    Transition(
        event="edit_category",
        sources=("signed",),
        who=(SCHOOL,),
        target="signed",
        label=says(_("Change job category")),
        guards=(guards.category_changes,),
        form=_form(forms.CategoryForm),
        effects=(do.change_category, do.report_signed),
        notices=(Notice("signing_category_changed", to=(GRADUATE,)),),
        asks=("category",),
    ),
    Transition(
        event="terminate",
        sources=("signed",),
        who=(SYSTEM_KIND,),
        target="terminated",
        label=says(_("Terminate")),
        effects=(do.release_graduate, do.report_pending),
    ),
    Transition(
        event="void",
        sources=("signed",),
        who=(SCHOOL,),
        target="voided",
        label=says(_("Void the agreement")),
        guards=(guards.no_termination_is_open,),
        form=_form(forms.VoidForm),
        effects=(do.release_graduate, do.report_pending),
        notices=(Notice("signing_voided", to=(GRADUATE, EMPLOYER)),),
        irreversible=True,
        asks=("reason",),
    ),
)

ONLINE_SIGNING = register(
    Workflow(
        name="online_signing",
        label=_("Online signing"),
        model=OnlineSigning,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
    )
)
