"""W12 生源核对: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SCHOOL
from app.cases.forms import NoteForm, WithdrawForm
from app.correction import effects as do
from app.correction import guards, records
from app.correction.forms import CorrectionForm, DeclineForm
from app.correction.home import CHECK_WAY
from app.correction.models import Correction
from app.correction.services import WRITING
from app.roster.guards import cohort_is_operable, is_on_roster, is_own_newest_row
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says

states = (
    State("open", _("Reported, waiting for the school"), Stage.ASKED, waits_for=SCHOOL),
    State("accepted", _("Accepted, the student list is corrected"), Stage.IN_FORCE, ends=True),
    State("mended", _("Corrected elsewhere"), Stage.IN_FORCE, ends=True),
    State("declined", _("Declined, the student list is right"), Stage.FAILED),
    State("withdrawn", _("Correction withdrawn"), Stage.ENDED),
)

initial = (
    Transition(
        event="start",
        sources=(),
        who=(GRADUATE,),
        target="open",
        label=says(_("Report a wrong field")),
        said=_("Graduate reported a wrong field"),
        form=CorrectionForm,
        guards=(guards.window_is_open, guards.is_not_asked_already),
        effects=(do.wait_for_nothing,),
    ),
)

transitions = (
    Transition(
        event="withdraw",
        sources=("open",),
        who=(GRADUATE,),
        target="withdrawn",
        label=says(_("Withdraw the correction")),
        said=_("Graduate withdrew the correction"),
        form=WithdrawForm,
        effects=(do.answer_report,),
    ),
    Transition(
        event="approve",
        sources=("open",),
        who=(SCHOOL,),
        target="accepted",
        label=says(_("Accept and write")),
        said=_("School accepted it: the student list is corrected"),
        form=NoteForm,
        guards=(guards.can_be_written,),
        effects=(do.write_to_roster, do.answer_report),
        notices=(Notice("correction_accepted", to=(GRADUATE,)),),
    ),
    Transition(
        event="mend",
        sources=("open",),
        who=(SCHOOL,),
        target="mended",
        label=says(_("Corrected elsewhere")),
        said=_("School corrected it elsewhere"),
        form=NoteForm,
        effects=(do.answer_report,),
        notices=(Notice("correction_mended", to=(GRADUATE,)),),
    ),
    Transition(
        event="reject",
        sources=("open",),
        who=(SCHOOL,),
        target="declined",
        label=says(_("Do not accept the correction")),
        said=_("School declined the correction"),
        form=DeclineForm,
        effects=(do.answer_report,),
        notices=(Notice("correction_declined", to=(GRADUATE,)),),
    ),
)

CORRECTION = declare(
    Workflow(
        name="correction",
        label=_("Corrections of student data"),
        model=Correction,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=(is_on_roster, cohort_is_operable, is_own_newest_row),
        writing=WRITING,
        rows=records.correction_rows,
        pages={GRADUATE: "corrections.record"},
        home=records.tell,
        ways=(CHECK_WAY,),
        facts=records.facts,
    )
)
