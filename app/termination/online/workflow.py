"""W4 online termination 线上解约: the table. What it says is what the program does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.cases.effects import first_review, keep_student_data
from app.cases.forms import ExplanationForm, WithdrawForm
from app.cases.proof import own_phone
from app.cases.workflow import review_rows, upheld_rows
from app.roster.guards import GRADUATE_GUARDS
from app.termination.guards import COUNTED, refuse_beyond_limit
from app.termination.online import effects as do
from app.termination.online import forms, guards, records
from app.termination.online.models import OnlineTermination
from app.termination.online.services import WRITING
from app.termination.snapshots import CERTIFICATE, certificate_of
from app.termination.workflow import lapse
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Label, Notice, State, Transition, Workflow, says
from app.workflow.waiting import ANSWER, Due, Then

# Who asks, where it waits for the other side, who that is, and where it still may answer.
SIDES = (
    (GRADUATE, "waiting_employer", EMPLOYER, ("escalated",)),
    (EMPLOYER, "waiting_graduate", GRADUATE, ()),
)
_START_GUARDS = (guards.agreement_is_in_force, guards.no_other_termination_is_open)
_AGREED = {
    state: _("The other side has agreed already, and the termination is being reviewed. Please wait for the result.")
    for state in ("dept_review", "school_review")
}


def _by_starter(graduate: Label, employer: Label) -> Callable[[Any], Label]:
    """What is said of a case that the graduate started, and of one that the unit started."""
    return lambda case: graduate if case.started_by == GRADUATE else employer


def _label(case: OnlineTermination, reader: Actor | None) -> Any:
    if case.state == "refused":
        return _by_starter(
            _("Unit refused the termination (termination failed)"),
            _("Graduate refused the termination (termination failed)"),
        )(case)
    return None


states = (
    State(
        "waiting_employer",
        _("Graduate asks for termination, waiting for the unit"),
        Stage.ASKED,
        waits_for=EMPLOYER,
        due=Due("termination_days", Then.ESCALATE, ANSWER),
    ),
    State(
        "waiting_graduate",
        _("Unit asks for termination, waiting for the graduate"),
        Stage.ASKED,
        waits_for=GRADUATE,
        due=Due("termination_days", reminders=ANSWER),
    ),
    State("escalated", _("The unit has not answered in time, waiting for the school"), Stage.ASKED, waits_for=SCHOOL),
    State("dept_review", _("Termination agreed, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Termination agreed, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("approved", _("Termination approved (terminated)"), Stage.IN_FORCE, tone="over", ends=True),
    State("rejected", _("Termination rejected (termination failed)"), Stage.FAILED),
    State("refused", _("Refused by the other side (termination failed)"), Stage.FAILED),
    State("withdrawn", _("Withdrawn by the side that asked"), Stage.ENDED),
    State("forced", _("Terminated by force (terminated)"), Stage.IN_FORCE, tone="over", ends=True),
)

initial = tuple(
    Transition(
        event="start",
        sources=(),
        who=(starter,),
        target=waiting,
        label=says(_("Apply for termination")),
        said=_by_starter(_("Graduate applied for termination"), _("Unit applied for termination")),
        guards=(*_START_GUARDS, *((refuse_beyond_limit,) if starter == GRADUATE else ())),
        form=forms.GraduateStartForm if starter == GRADUATE else forms.EmployerStartForm,
        keeps=("reason_code",),
        proof=own_phone,
        binds=_(
            "You ask the unit to end the agreement. It stays in force until the unit has agreed and the school has "
            "approved; the application counts, whatever becomes of it."
        ),
        effects=(do.mark_agreement,),
        notices=(Notice("online_termination_asked", to=(other,)),),
    )
    for starter, waiting, other, _late in SIDES
)

_answers = tuple(
    row
    for starter, waiting, other, late in SIDES
    for row in (
        Transition(
            event="agree",
            sources=(waiting, *late),
            who=(other,),
            target=first_review,
            label=says(_("Agree to the termination")),
            said=_by_starter(_("Unit agreed to the termination"), _("Graduate agreed to the termination")),
            proof=own_phone,
            binds=_(
                "You agree to end the agreement; that cannot be taken back. When the school approves, it is no longer "
                "in force."
            ),
            effects=(keep_student_data,),
            notices=(Notice("online_termination_agreed", to=(starter,)),),
            irreversible=True,
        ),
        Transition(
            event="refuse",
            sources=(waiting, *late),
            who=(other,),
            target="refused",
            label=says(_("Refuse the termination")),
            said=_by_starter(_("Unit refused the termination"), _("Graduate refused the termination")),
            form=forms.RefuseForm,
            effects=(do.mark_failure,),
            notices=(Notice("online_termination_refused", to=(starter,)),),
            irreversible=True,
        ),
        Transition(
            event="withdraw",
            sources=(waiting, *late),
            who=(starter,),
            target="withdrawn",
            label=says(_("Withdraw the application")),
            said=_by_starter(_("Graduate withdrew the application"), _("Unit withdrew the application")),
            form=WithdrawForm,
            effects=(do.unmark_agreement,),
            notices=(Notice("online_termination_withdrawn", to=(other,)),),
            irreversible=True,
            elsewhere=_AGREED,
        ),
    )
)

transitions = (
    *_answers,
    *review_rows(
        approved="approved",
        notice="online_termination",
        notify=(GRADUATE, EMPLOYER),
        witnessed=True,
        refreshes=False,
        approve_effects=(do.end_agreement,),
        reject_effects=(do.mark_failure,),
    ),
    Transition(
        event="escalate",
        sources=("waiting_employer",),
        who=(SYSTEM_KIND,),
        target="escalated",
        label=says(_("Pass on to the school")),
        said=_("The unit did not answer in time: passed on to the school"),
        guards=(guards.time_is_over, guards.unit_has_been_told),
        notices=(Notice("online_termination_escalated", to=(GRADUATE, EMPLOYER, SCHOOL)),),
    ),
    Transition(
        event="force",
        sources=("waiting_employer", "escalated"),
        who=(SCHOOL,),
        target="forced",
        label=says(_("Terminate by force")),
        said=_("School terminated the agreement by force"),
        form=ExplanationForm,
        effects=(do.end_agreement,),
        notices=(Notice("online_termination_forced", to=(GRADUATE, EMPLOYER)),),
        irreversible=True,
        elsewhere={
            "waiting_graduate": _("The unit asks for this termination, so the graduate has to answer."),
            **{state: _("The unit has agreed already. Please review this termination.") for state in _AGREED},
        },
    ),
    lapse(states, "withdrawn", effects=(do.unmark_agreement,)),
    *upheld_rows(states, unit=True),
)

ONLINE_TERMINATION = declare(
    Workflow(
        name="online_termination",
        label=_("Online termination"),
        model=OnlineTermination,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
        writing=WRITING,
        pages={EMPLOYER: "unit_termination.unit_record", GRADUATE: "own_termination.own_record"},
        rows=records.asked_rows,
        home=records.tell,
        counts={COUNTED: OnlineTermination.started_by == GRADUATE},
        document=CERTIFICATE,
        papers={CERTIFICATE: certificate_of},
        ends={"online_signing": records.Ends()},
        says_more=records.says_more,
    )
)
