"""W9 objection 与事实不符: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, PROVINCE, SCHOOL
from app.cases.forms import NoteForm, WithdrawForm
from app.cases.proof import own_phone
from app.objection import effects as do
from app.objection import guards, records
from app.objection.attachments import FILES
from app.objection.forms import ExplainForm, FindingForm, ObjectionForm
from app.objection.models import Objection
from app.objection.services import WRITING
from app.workflow.registry import declare
from app.workflow.stages import MOVING, Stage
from app.workflow.table import Notice, State, Transition, Workflow, names_of, says

states = (
    State("open", _("Waiting for the province to find out"), Stage.ASKED, waits_for=PROVINCE),
    State("inquiry", _("The school is explaining"), Stage.ASKED, waits_for=SCHOOL),
    State("explained", _("The school has explained, waiting for the province"), Stage.ASKED, waits_for=PROVINCE),
    State("upheld", _("True, the record has been voided"), Stage.IN_FORCE, ends=True),
    State("dismissed", _("Not established"), Stage.FAILED),
    State("withdrawn", _("Objection withdrawn"), Stage.ENDED),
)
_OPEN = names_of(states, *MOVING)

initial = (
    Transition(
        event="start",
        sources=(),
        who=(GRADUATE,),
        target="open",
        label=says(_("Not true")),
        said=_("Graduate objected: not true"),
        form=ObjectionForm,
        guards=(guards.is_the_only_one,),
        proof=own_phone,
        binds=_(
            "You tell the authority of your province that this record is not true. Your school does not learn of it "
            "unless the province asks it. If it is true what you say, the record is voided."
        ),
        effects=(do.wait_for_nothing,),
        notices=(Notice("objection_started", to=(PROVINCE,)),),
    ),
)

transitions = (
    Transition(
        event="withdraw",
        sources=_OPEN,
        who=(GRADUATE,),
        target="withdrawn",
        label=says(_("Withdraw the objection")),
        said=_("Graduate withdrew the objection"),
        form=WithdrawForm,
        irreversible=True,
    ),
    Transition(
        event="inquire",
        sources=("open",),
        who=(PROVINCE,),
        target="inquiry",
        label=says(_("Ask the school")),
        said=_("Province asked the school to explain"),
        form=NoteForm,
        effects=(do.let_school_see,),
        notices=(Notice("objection_inquired", to=(SCHOOL,)),),
    ),
    Transition(
        event="explain",
        sources=("inquiry",),
        who=(SCHOOL,),
        target="explained",
        label=says(_("Send the explanation")),
        said=_("School explained"),
        form=ExplainForm,
        notices=(Notice("objection_explained", to=(PROVINCE,)),),
    ),
    Transition(
        event="uphold",
        sources=_OPEN,
        who=(PROVINCE,),
        target="upheld",
        label=says(_("It is true: void the record")),
        said=_("Province found that the record is not true"),
        form=FindingForm,
        effects=(do.overturn_record,),
        notices=(Notice("objection_upheld", to=(GRADUATE, SCHOOL)),),
        irreversible=True,
    ),
    *(
        Transition(
            event="dismiss",
            sources=sources,
            who=(PROVINCE,),
            target="dismissed",
            label=says(_("Dismiss the objection")),
            said=_("Province dismissed the objection"),
            form=FindingForm,
            notices=(Notice("objection_dismissed", to=readers),),
            irreversible=True,
        )
        # The school is told only if it was asked.
        for sources, readers in ((("open",), (GRADUATE,)), (("inquiry", "explained"), (GRADUATE, SCHOOL)))
    ),
)

OBJECTION = declare(
    Workflow(
        name="objection",
        label=_("Objections"),
        model=Objection,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        writing=WRITING,
        rows=records.objection_rows,
        pages={GRADUATE: "objections.record"},
        home=records.tell,
        facts=records.facts,
        files=FILES,
    )
)
