"""W1 online signing 线上签约: the table. What it says is what the program does."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.cases import effects as common
from app.cases import forms as verdicts
from app.cases.guards import holds_no_other_claim, nobody_has_decided
from app.cases.proof import own_phone
from app.cases.workflow import rejected_by, review_rows, upheld_rows
from app.documents.agreement import agreement_of, preview_of
from app.documents.marked.snapshots import with_marked
from app.roster.guards import GRADUATE_GUARDS, may_sign
from app.signing.guards import no_termination_is_open
from app.signing.home import INVITATIONS, tell_invitation
from app.signing.online import effects as do
from app.signing.online import forms, guards, records
from app.signing.online.models import OnlineSigning
from app.signing.online.snapshots import agreement_content
from app.signing.workflow import after_signing
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, names_of, says
from app.workflow.waiting import ANSWER, Due, Then

_rejected = rejected_by(_("Signing rejected by the department"), _("Signing rejected by the school"))


def _label(case: OnlineSigning, reader: Actor | None) -> Any:
    if case.stage == Stage.REVIEW and reader is not None and reader.kind == EMPLOYER:
        return _("Accepted by the graduate, under review")
    return _rejected(case, reader)


states = (
    State(
        "invited",
        _("Waiting for the graduate's answer"),
        Stage.OFFERED,
        waits_for=GRADUATE,
        due=Due("answer_days", Then.EXPIRE, ANSWER),
    ),
    State(
        "dept_review",
        _("Graduate agreed, waiting for the department's review"),
        Stage.REVIEW,
        waits_for=DEPARTMENT,
    ),
    State("school_review", _("Graduate agreed, waiting for the school's review"), Stage.REVIEW, waits_for=SCHOOL),
    State("signed", _("Signing approved"), Stage.IN_FORCE),
    State("declined", _("Declined by the graduate (signing failed)"), Stage.FAILED),
    State("expired", _("Invitation not answered in time (signing failed)"), Stage.FAILED),
    State("withdrawn", _("Withdrawn by the unit (signing failed)"), Stage.FAILED, tone="over"),
    State("aborted", _("Aborted by the graduate (signing failed)"), Stage.FAILED),
    State("rejected", _("Signing rejected by the reviewers"), Stage.FAILED),
    State("terminated", _("Terminated"), Stage.ENDED),
    State("voided", _("Voided"), Stage.VOIDED),
)

initial = (
    Transition(
        event="invite",
        sources=(),
        who=(EMPLOYER,),
        target="invited",
        label=says(_("Send invitation")),
        said=_("Unit sent the invitation"),
        form=forms.InviteForm,
        guards=(may_sign, guards.parties_can_be_printed),
        notices=(Notice("invitation_received", to=(GRADUATE,)),),
    ),
)

transitions = (
    Transition(
        event="accept",
        sources=("invited",),
        who=(GRADUATE,),
        target=common.first_review,
        label=says(_("Accept")),
        said=_("Graduate accepted"),
        guards=(guards.is_within_validity, may_sign, guards.can_be_printed, holds_no_other_claim),
        proof=own_phone,
        binds=_(
            "You accept this invitation with all that stands above. Your school then reviews it, and meanwhile you "
            "cannot accept another one. After its approval only a termination releases you."
        ),
        effects=(common.bind_graduate, common.keep_student_data),
        notices=(Notice("invitation_accepted", to=(EMPLOYER,)),),
        irreversible=True,
    ),
    Transition(
        event="decline",
        sources=("invited",),
        who=(GRADUATE,),
        target="declined",
        label=says(_("Decline")),
        said=_("Graduate declined"),
        guards=(guards.is_within_validity, guards.graduate_is_not_signed),
        form=forms.DeclineForm,
        notices=(Notice("invitation_declined", to=(EMPLOYER,)),),
    ),
    Transition(
        event="expire",
        sources=("invited",),
        who=(SYSTEM_KIND,),
        target="expired",
        label=says(_("Expire")),
        said=_("Invitation expired without an answer"),
        guards=(guards.is_overdue,),
        notices=(Notice("invitation_expired", to=(GRADUATE, EMPLOYER)),),
    ),
    Transition(
        event="remind",
        sources=("invited",),
        who=(EMPLOYER,),
        target="invited",
        label=says(_("Remind the graduate")),
        said=_("Unit reminded the graduate"),
        guards=(guards.can_still_be_answered, guards.may_be_reminded),
        effects=(do.count_reminder,),
        notices=(Notice("invitation_reminder", to=(GRADUATE,), gentle=True),),
    ),
    Transition(
        event="extend",
        sources=("invited",),
        who=(EMPLOYER,),
        target="invited",
        label=says(_("Extend the validity")),
        said=_("Unit extended the validity"),
        guards=(guards.can_still_be_answered,),
        form=forms.ExtendForm,
        prepare=guards.is_longer_than_before,
        effects=(do.extend_validity,),
        notices=(Notice("invitation_extended", to=(GRADUATE,)),),
    ),
    Transition(
        event="withdraw",
        sources=("invited",),
        who=(EMPLOYER,),
        target="withdrawn",
        label=says(_("Withdraw invitation")),
        said=_("Unit withdrew the invitation"),
        form=forms.WithdrawForm,
        keeps=("reason_code",),
        notices=(Notice("invitation_withdrawn", to=(GRADUATE,)),),
        irreversible=True,
        elsewhere={
            state: _("The graduate has accepted. Please ask the graduate to abort the signing.")
            for state in names_of(states, Stage.REVIEW)
        },
    ),
    Transition(
        event="abort",
        sources=names_of(states, Stage.REVIEW),
        who=(GRADUATE,),
        target="aborted",
        label=says(_("Abort signing")),
        said=_("Graduate aborted the signing"),
        guards=(nobody_has_decided,),
        effects=(common.release_graduate,),
        notices=(Notice("signing_aborted", to=(EMPLOYER,)),),
        irreversible=True,
    ),
    *review_rows(
        approved="signed",
        notice="signing",
        notify=(GRADUATE, EMPLOYER),
        witnessed=True,
        uscc=lambda case: case.employer.uscc,
        approve_effects=(do.complete, do.report_signed),
        reject_effects=(common.release_graduate,),
    ),
    *after_signing(
        notice="signing",
        edit=_("Change job category"),
        edited=_("School changed the job category"),
        edit_form=verdicts.CategoryForm,
        edit_guard=guards.category_changes,
        edit_effects=(do.change_category, do.report_signed),
        void_notify=(GRADUATE, EMPLOYER),
    ),
    Transition(
        event="amend",
        sources=("signed",),
        who=(SYSTEM_KIND,),
        target="signed",
        label=says(_("Amended")),
        said=_("Terms amended by a supplement"),
        effects=(do.take_amendment, do.report_signed),
        anyhow=True,
    ),
    *upheld_rows(states, guards=(no_termination_is_open,), unit=True),
)

ONLINE_SIGNING = declare(
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
        pages={EMPLOYER: "employer.signing", GRADUATE: "graduate.signing"},
        home=tell_invitation,
        ways=(INVITATIONS,),
        rows=lambda case: records.terms(case.data),
        says_more=lambda cases, actor: {"amendments": {case.id: case.amendments or [] for case in cases}},
        reads=lambda case: preview_of(agreement_content(case)),
        document="agreement",
        papers=with_marked({"agreement": agreement_of("online")}),
    )
)
