"""Employer verification 单位身份认证: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, OPERATOR, SYSTEM_KIND
from app.employers import forms
from app.employers.models import EmployerVerification
from app.employers.verification import effects as do
from app.employers.verification import guards
from app.employers.verification.attachments import FILES
from app.employers.verification.services.verifications import WRITING
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Choice, Notice, State, Transition, Workflow, says

states = (
    State("draft", _("Verification not submitted yet"), Stage.DRAFT),
    State("remitting", _("Waiting for the remittance"), Stage.REVIEW),
    State("awaiting_amount", _("Waiting for the amount of the remittance"), Stage.ASKED),
    State("in_review", _("Verification under review"), Stage.REVIEW, waits_for=OPERATOR),
    State("returned", _("Verification not passed, to be submitted again"), Stage.RETURNED, tone="failed"),
    State("verified", _("Verification passed"), Stage.IN_FORCE, ends=True),
)

initial = (
    Transition(event="create", sources=(), who=(EMPLOYER,), target="draft", label=says(_("Start the verification"))),
)

transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(EMPLOYER,),
        target=Choice(do.first_station, ("remitting", "in_review")),
        label=says(_("Submit the verification")),
        guards=(guards.works_for_no_other_unit, guards.unit_is_still_free, guards.remittances_are_left),
        prepare=guards.is_complete,
        effects=(do.keep_what_was_typed, do.order_remittance),
    ),
    Transition(
        event="remitted",
        sources=("remitting",),
        who=(OPERATOR, SYSTEM_KIND),
        target="awaiting_amount",
        label=says(_("The remittance has been made")),
        effects=(do.note_remittance,),
        notices=(Notice("verification_remitted", to=(EMPLOYER,)),),
    ),
    Transition(
        event="confirm_amount",
        sources=("awaiting_amount",),
        who=(EMPLOYER,),
        target=Choice(do.amount_verdict, ("verified", "returned", "awaiting_amount")),
        label=says(_("Confirm the amount")),
        guards=(guards.works_for_no_other_unit, guards.unit_is_still_free),
        form=forms.AmountForm,
        prepare=guards.amount_typed,
        effects=(do.after_amount,),
    ),
    Transition(
        event="approve",
        sources=("in_review",),
        who=(OPERATOR,),
        target="verified",
        label=says(_("Approve the verification")),
        guards=(guards.works_for_no_other_unit, guards.unit_is_still_free),
        form=forms.ApproveForm,
        effects=(do.verify_unit,),
        notices=(Notice("verification_passed", to=(EMPLOYER,)),),
        irreversible=True,
    ),
    Transition(
        event="return",
        sources=("in_review", "remitting", "awaiting_amount"),
        who=(OPERATOR,),
        target="returned",
        label=says(_("Send back")),
        form=forms.ReturnForm,
        effects=(do.keep_opinions,),
        notices=(Notice("verification_returned", to=(EMPLOYER,)),),
    ),
    Transition(
        event="return",
        sources=("remitting",),
        who=(SYSTEM_KIND,),
        target="returned",
        label=says(_("Send back")),
        form=forms.ReturnForm,
        effects=(do.keep_opinions,),
        notices=(Notice("verification_returned", to=(EMPLOYER,)),),
    ),
)

VERIFICATION = declare(
    Workflow(
        name="verification",
        label=_("Employer verification"),
        model=EmployerVerification,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        writing=WRITING,
        pages={EMPLOYER: "onboarding.record"},
        files=FILES,
    )
)
