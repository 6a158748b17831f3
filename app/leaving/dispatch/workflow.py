"""W13 dispatch 档案寄递: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SCHOOL, SYSTEM_KIND
from app.leaving.dispatch import effects as do
from app.leaving.dispatch import guards, records
from app.leaving.dispatch.forms import BounceForm, ReceiveForm, SendForm, StartForm
from app.leaving.dispatch.models import TO_BE_RECEIVED, TO_BE_SENT, Dispatch
from app.leaving.dispatch.queries import says_more
from app.leaving.dispatch.services import WRITING
from app.roster.guards import is_on_roster
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says
from app.workflow.waiting import Due, Then

states = (
    State("waiting", _("Archive not sent yet"), Stage.ASKED, waits_for=SCHOOL, due=Due(TO_BE_SENT)),
    State(
        "sent",
        _("Archive sent, no receipt yet"),
        Stage.ASKED,
        tone="theirs",
        due=Due(TO_BE_RECEIVED, Then.ESCALATE),
    ),
    State("missed", _("Archive sent, the receipt is overdue"), Stage.ASKED, waits_for=SCHOOL),
    State("received", _("Archive received"), Stage.IN_FORCE),
    State("returned", _("Archive came back"), Stage.ASKED, waits_for=SCHOOL, tone="failed", due=Due(TO_BE_SENT)),
    State("dropped", _("Archive stays at the school"), Stage.ENDED),
)

initial = (
    Transition(
        event="start",
        sources=(),
        who=(SCHOOL, SYSTEM_KIND),
        target="waiting",
        label=says(_("Put on the list of archives to be sent")),
        said=_("The archive waits to be sent"),
        form=StartForm,
        guards=(guards.is_the_only_one, guards.receiver_is_confirmed),
    ),
)

transitions = (
    Transition(
        event="send",
        sources=("waiting", "returned"),
        who=(SCHOOL,),
        target="sent",
        label=says(_("Record the dispatch")),
        said=_("School sent the archive"),
        form=SendForm,
        guards=(guards.receiver_is_confirmed,),
        prepare=guards.sent_as_said,
        effects=(do.take_over_receiver, do.note_sent),
        notices=(Notice("dispatch_sent", to=(GRADUATE,)),),
    ),
    Transition(
        event="correct",
        sources=("sent", "missed"),
        who=(SCHOOL,),
        target="sent",
        label=says(_("Correct the dispatch")),
        said=_("School corrected how the archive was sent"),
        form=SendForm,
        prepare=guards.sent_as_said,
        effects=(do.note_sent,),
        notices=(Notice("dispatch_sent", to=(GRADUATE,)),),
    ),
    Transition(
        event="receive",
        sources=("sent", "missed"),
        who=(SCHOOL,),
        target="received",
        label=says(_("Record the receipt")),
        said=_("The receiver has the archive"),
        form=ReceiveForm,
        prepare=guards.received_as_said,
        effects=(do.note_received,),
        notices=(Notice("dispatch_received", to=(GRADUATE,)),),
        anyhow=True,
    ),
    Transition(
        event="bounce",
        sources=("sent", "missed", "received"),
        who=(SCHOOL,),
        target="returned",
        label=says(_("Record that it came back")),
        said=_("The archive came back to the school"),
        form=BounceForm,
        prepare=guards.returned_as_said,
        effects=(do.note_returned,),
        notices=(Notice("dispatch_returned", to=(GRADUATE,)),),
        anyhow=True,
    ),
    Transition(
        event="escalate",
        sources=("sent",),
        who=(SYSTEM_KIND,),
        target="missed",
        label=says(_("The receipt is overdue")),
        said=_("No receipt came back in time; the school asks the receiver"),
        notices=(Notice("dispatch_missed", to=(GRADUATE,)),),
        anyhow=True,
    ),
    Transition(
        event="renew",
        sources=("waiting", "returned", "dropped"),
        who=(SYSTEM_KIND,),
        target="waiting",
        label=says(_("Take over the receiver")),
        said=_("Graduate confirmed where the archive goes"),
        effects=(do.take_over_receiver,),
        anyhow=True,
    ),
    Transition(
        event="drop",
        sources=("waiting", "returned"),
        who=(SYSTEM_KIND,),
        target="dropped",
        label=says(_("Take off the list")),
        said=_("Graduate confirmed that the archive stays"),
        anyhow=True,
    ),
)

DISPATCH = declare(
    Workflow(
        name="dispatch",
        label=_("Archive dispatch"),
        model=Dispatch,
        module="archive",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=(is_on_roster,),
        writing=WRITING,
        rows=records.dispatch_rows,
        pages={GRADUATE: "dispatch.record"},
        home=records.tell,
        facts=records.facts,
        changes=records.told_changes,
        says_more=says_more,
        hears=do.follow_leaving,
    )
)
