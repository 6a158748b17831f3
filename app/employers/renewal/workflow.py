"""Yearly renewal of a unit's verification 年度复核: the table. What it says is what the program does."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, OPERATOR, SYSTEM_KIND
from app.employers.forms import ApproveForm
from app.employers.renewal import effects as do
from app.employers.renewal import guards, records
from app.employers.renewal.attachments import FILES
from app.employers.renewal.forms import RenewalForm, SendBackForm
from app.employers.renewal.models import AGAIN, AHEAD, UnitRenewal
from app.employers.renewal.proof import own_address
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says
from app.workflow.waiting import ANSWER, Due, Reminders, Then

# Told when the case is opened, thirty days ahead, and again seven days ahead.
_REMINDER, _WEEK = "renewal_reminder", timedelta(days=7)
_ONCE_MORE = Reminders(timedelta(days=30) - _WEEK, _WEEK, most=1)
_SOON = Reminders(timedelta(days=4), timedelta(days=4), most=1)

states = (
    State(
        "due",
        _("The unit confirms its data"),
        Stage.ASKED,
        waits_for=EMPLOYER,
        edited=True,
        due=Due(AHEAD, Then.EXPIRE, _ONCE_MORE, reminder=_REMINDER),
    ),
    State("review", _("Renewal under review"), Stage.REVIEW, waits_for=OPERATOR),
    State(
        "returned",
        _("Renewal sent back, to be handed in again"),
        Stage.RETURNED,
        waits_for=EMPLOYER,
        due=Due(AGAIN, Then.EXPIRE, _SOON, reminder=_REMINDER),
    ),
    State(
        "lapsed",
        _("Renewal overdue, no new invitations"),
        Stage.ASKED,
        waits_for=EMPLOYER,
        tone="failed",
        edited=True,
        due=Due(AGAIN, reminders=ANSWER, reminder=_REMINDER, overdue="renewal_overdue"),
    ),
    State("renewed", _("Verification renewed"), Stage.IN_FORCE, ends=True),
)
WITH_THE_UNIT = ("due", "returned", "lapsed")

initial = (
    Transition(
        event="open",
        sources=(),
        who=(SYSTEM_KIND,),
        target="due",
        label=says(_("Ask the unit to confirm its data")),
        said=_("The unit was asked to confirm its data"),
        notices=(Notice("renewal_opened", to=(EMPLOYER,), gentle=True),),
    ),
)

transitions = (
    Transition(
        event="confirm",
        sources=WITH_THE_UNIT,
        who=(EMPLOYER,),
        target="review",
        label=says(_("Nothing has changed")),
        said=_("The unit confirmed that nothing has changed"),
        guards=(guards.is_owner,),
        proof=own_address,
        effects=(do.keep_what_was_said,),
    ),
    Transition(
        event="renew",
        sources=WITH_THE_UNIT,
        who=(EMPLOYER,),
        target="review",
        label=says(_("Hand in the changes")),
        said=_("The unit handed in its data"),
        guards=(guards.is_owner,),
        form=RenewalForm,
        prepare=guards.read_changes,
        proof=own_address,
        effects=(do.keep_what_was_said,),
    ),
    Transition(
        event="approve",
        sources=("review",),
        who=(OPERATOR,),
        target="renewed",
        label=says(_("Renew the verification")),
        said=_("The verification was renewed"),
        form=ApproveForm,
        effects=(do.renew_unit,),
        notices=(Notice("renewal_approved", to=(EMPLOYER,)),),
    ),
    Transition(
        event="return",
        sources=("review",),
        who=(OPERATOR,),
        target="returned",
        label=says(_("Send back")),
        said=_("Sent back"),
        form=SendBackForm,
        notices=(Notice("renewal_returned", to=(EMPLOYER,)),),
    ),
    Transition(
        event="expire",
        sources=("due", "returned"),
        who=(SYSTEM_KIND,),
        target="lapsed",
        label=says(_("The renewal is overdue")),
        said=_("Nobody confirmed in time; no new invitations until the renewal"),
        effects=(do.let_lapse,),
        notices=(Notice("renewal_lapsed", to=(EMPLOYER,)),),
    ),
)

UNIT_RENEWAL = declare(
    Workflow(
        name="unit_renewal",
        label=_("Yearly renewal of units"),
        model=UnitRenewal,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        rows=records.renewal_rows,
        facts=records.facts,
        changes=records.changes_in_words,
        pages={EMPLOYER: "renewal.record"},
        files=FILES,
    )
)
