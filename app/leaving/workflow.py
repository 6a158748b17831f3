"""W11 leaving 离校确认: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SCHOOL, SYSTEM_KIND
from app.cases.proof import own_phone
from app.leaving import effects as do
from app.leaving import guards, records
from app.leaving.forms import AnswerForm, ReportForm, StartForm
from app.leaving.home import LEAVING_WAY
from app.leaving.models import Leaving
from app.leaving.papers import sheet_of
from app.leaving.queries import says_more
from app.leaving.services import WRITING
from app.leaving.verifying import checked_by, checked_sheet
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says

states = (
    State("open", _("To be confirmed before leaving"), Stage.OFFERED, waits_for=GRADUATE),
    State("reported", _("Reported as wrong, waiting for the school"), Stage.ASKED, waits_for=SCHOOL),
    State("confirmed", _("Leaving confirmed"), Stage.IN_FORCE),
)

initial = (
    Transition(
        event="start",
        sources=(),
        who=(GRADUATE,),
        target="open",
        label=says(_("Look through what is registered")),
        said=_("Graduate began the leaving confirmation"),
        form=StartForm,
        guards=(guards.window_is_open, guards.is_the_only_one),
    ),
)

transitions = (
    Transition(
        event="confirm",
        sources=("open",),
        who=(GRADUATE,),
        target="confirmed",
        label=says(_("Confirm that all of it is right")),
        said=_("Graduate confirmed what is registered"),
        guards=(guards.window_is_open, guards.something_is_registered, guards.nothing_is_in_review),
        proof=own_phone,
        binds=_(
            "You confirm that your destination, your archive and your hukou are registered as shown. They are printed "
            "on a sealed sheet under a number by which others can check it. What is not registered is not on it."
        ),
        effects=(do.wait_for_nothing, do.freeze, do.order_sheet),
        notices=(Notice("leaving_confirmed", to=(GRADUATE,)),),
    ),
    Transition(
        event="report",
        sources=("open",),
        who=(GRADUATE,),
        target="reported",
        label=says(_("Report what is wrong")),
        said=_("Graduate reported what is wrong"),
        form=ReportForm,
        notices=(Notice("leaving_reported", to=(SCHOOL,)),),
    ),
    Transition(
        event="answer",
        sources=("reported",),
        who=(SCHOOL,),
        target="open",
        label=says(_("Answer the graduate")),
        said=_("School answered"),
        form=AnswerForm,
        notices=(Notice("leaving_answered", to=(GRADUATE,)),),
    ),
    Transition(
        event="reopen",
        sources=("confirmed",),
        who=(SYSTEM_KIND,),
        target="open",
        label=says(_("Open the confirmation again")),
        said=_("Opened again: what was confirmed has changed"),
        effects=(do.open_again,),
        notices=(Notice("leaving_reopened", to=(GRADUATE,)),),
        anyhow=True,
    ),
)

LEAVING = declare(
    Workflow(
        name="leaving",
        label=_("Leaving confirmation"),
        model=Leaving,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        writing=WRITING,
        rows=records.leaving_rows,
        pages={GRADUATE: "leaving.record"},
        home=records.tell,
        ways=(LEAVING_WAY,),
        says_more=says_more,
        hears=do.follow_changes,
        checked=checked_by,
        checked_paper=checked_sheet,
        document=do.SHEET,
        papers={do.SHEET: sheet_of},
    )
)
