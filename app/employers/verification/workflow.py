"""Employer verification 单位身份认证: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, OPERATOR, SYSTEM_KIND
from app.codes.forms import read
from app.employers import forms
from app.employers.models import EmployerVerification
from app.employers.verification import effects as do
from app.employers.verification import guards
from app.workflow.registry import register
from app.workflow.table import Form, Notice, State, Transition, Workflow, says


def _form(schema: type) -> Form:
    return lambda context: read(schema, context.data)


states = (
    State("draft", _("Verification not submitted yet"), "waiting"),
    State("remitting", _("Waiting for the remittance"), "waiting"),
    State("awaiting_amount", _("Waiting for the amount of the remittance"), "waiting"),
    State("in_review", _("Verification under review"), "waiting"),
    State("returned", _("Verification not passed, to be submitted again"), "failed"),
    State("verified", _("Verification passed"), "in_force", final=True),
)

initial = (
    Transition(event="create", sources=(), who=(EMPLOYER,), target="draft", label=says(_("Start the verification"))),
)

transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(EMPLOYER,),
        target=do.first_station,
        label=says(_("Submit the verification")),
        guards=(guards.unit_is_still_free, guards.remittances_are_left),
        form=guards.is_complete,
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
        target=do.amount_verdict,
        label=says(_("Confirm the amount")),
        guards=(guards.unit_is_still_free,),
        form=guards.amount_typed,
        effects=(do.after_amount,),
        asks=("amount",),
    ),
    Transition(
        event="approve",
        sources=("in_review",),
        who=(OPERATOR,),
        target="verified",
        label=says(_("Approve the verification")),
        guards=(guards.unit_is_still_free,),
        form=_form(forms.ApproveForm),
        effects=(do.verify_unit,),
        notices=(Notice("verification_passed", to=(EMPLOYER,)),),
        irreversible=True,
        asks=("note",),
    ),
    Transition(
        event="return",
        sources=("in_review", "remitting", "awaiting_amount"),
        who=(OPERATOR,),
        target="returned",
        label=says(_("Send back")),
        form=_form(forms.ReturnForm),
        effects=(do.keep_opinions,),
        notices=(Notice("verification_returned", to=(EMPLOYER,)),),
        asks=("reason",),
    ),
    Transition(
        event="return",
        sources=("remitting",),
        who=(SYSTEM_KIND,),
        target="returned",
        label=says(_("Send back")),
        form=_form(forms.ReturnForm),
        effects=(do.keep_opinions,),
        notices=(Notice("verification_returned", to=(EMPLOYER,)),),
    ),
)

VERIFICATION = register(
    Workflow(
        name="verification",
        label=_("Employer verification"),
        model=EmployerVerification,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
    )
)
