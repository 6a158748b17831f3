"""W10 amendment 协议变更: the table. What it says is what the program does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.amendment import effects as do
from app.amendment import forms, guards, records
from app.amendment.models import Amendment
from app.amendment.services import WRITING
from app.amendment.snapshots import supplement_of
from app.cases.effects import first_review, keep_student_data
from app.cases.forms import WithdrawForm
from app.cases.proof import own_phone
from app.cases.workflow import review_rows
from app.documents.marked.snapshots import with_marked
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import declare
from app.workflow.stages import MOVING, Stage
from app.workflow.table import Label, Notice, State, Transition, Workflow, names_of, says

SIDES = ((GRADUATE, "waiting_employer", EMPLOYER), (EMPLOYER, "waiting_graduate", GRADUATE))


def _by_starter(graduate: Label, employer: Label) -> Callable[[Any], Label]:
    return lambda case: graduate if case.started_by == GRADUATE else employer


def _label(case: Amendment, reader: Actor | None) -> Any:
    del reader
    if case.state == "refused":
        return _by_starter(_("Unit refused the amendment"), _("Graduate refused the amendment"))(case)
    return None


states = (
    State(
        "waiting_graduate", _("Unit asks for an amendment, waiting for the graduate"), Stage.ASKED, waits_for=GRADUATE
    ),
    State(
        "waiting_employer", _("Graduate asks for an amendment, waiting for the unit"), Stage.ASKED, waits_for=EMPLOYER
    ),
    State("dept_review", _("Amendment agreed, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Amendment agreed, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("approved", _("Amendment approved (in force)"), Stage.IN_FORCE, ends=True),
    State("rejected", _("Amendment rejected"), Stage.FAILED),
    State("refused", _("Amendment refused by the other side"), Stage.FAILED),
    State("withdrawn", _("Withdrawn by the side that asked"), Stage.ENDED),
    State("lapsed", _("The agreement has ended, the amendment is of no use"), Stage.ENDED),
)

initial = tuple(
    Transition(
        event="start",
        sources=(),
        who=(starter,),
        target=waiting,
        label=says(_("Propose an amendment")),
        said=_by_starter(_("Graduate proposed an amendment"), _("Unit proposed an amendment")),
        guards=(guards.agreement_is_in_force, guards.no_termination_is_open, guards.no_other_amendment_is_open),
        form=forms.StartForm,
        proof=own_phone,
        binds=_(
            "You ask the unit to change the agreement as it stands above. The agreement stays as it is until the unit "
            "has agreed and the school has approved."
        ),
        notices=(Notice("amendment_asked", to=(other,)),),
    )
    for starter, waiting, other in SIDES
)

_answers = tuple(
    row
    for starter, waiting, other in SIDES
    for row in (
        Transition(
            event="agree",
            sources=(waiting,),
            who=(other,),
            target=first_review,
            label=says(_("Agree to the amendment")),
            said=_by_starter(_("Unit agreed to the amendment"), _("Graduate agreed to the amendment")),
            proof=own_phone,
            binds=_(
                "You agree that the agreement changes as it stands above. When the school approves, the new terms are "
                "in force; all other terms stay."
            ),
            effects=(keep_student_data,),
            notices=(Notice("amendment_agreed", to=(starter,)),),
            irreversible=True,
        ),
        Transition(
            event="refuse",
            sources=(waiting,),
            who=(other,),
            target="refused",
            label=says(_("Refuse the amendment")),
            said=_by_starter(_("Unit refused the amendment"), _("Graduate refused the amendment")),
            form=forms.RefuseForm,
            notices=(Notice("amendment_refused", to=(starter,)),),
            irreversible=True,
        ),
        Transition(
            event="withdraw",
            sources=(waiting,),
            who=(starter,),
            target="withdrawn",
            label=says(_("Withdraw the proposal")),
            said=_by_starter(_("Graduate withdrew the proposal"), _("Unit withdrew the proposal")),
            form=WithdrawForm,
            notices=(Notice("amendment_withdrawn", to=(other,)),),
            irreversible=True,
        ),
    )
)

transitions = (
    *_answers,
    *review_rows(
        approved="approved",
        notice="amendment",
        notify=(GRADUATE, EMPLOYER),
        witnessed=True,
        refreshes=False,
        approve_guards=(guards.agreement_is_in_force, guards.no_termination_is_open),
        approve_effects=(do.bring_into_force,),
    ),
    Transition(
        event="lapse",
        sources=names_of(states, *MOVING),
        who=(SYSTEM_KIND,),
        target="lapsed",
        label=says(_("Lapsed")),
        said=_("Lapsed: the agreement is no longer in force"),
        notices=(Notice("amendment_lapsed", to=(GRADUATE, EMPLOYER)),),
        anyhow=True,
    ),
)

AMENDMENT = declare(
    Workflow(
        name="amendment",
        label=_("Amendment of an agreement"),
        model=Amendment,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
        writing=WRITING,
        rows=records.rows,
        facts=records.facts,
        home=records.tell,
        document="supplement",
        papers=with_marked({"supplement": supplement_of}),
        follows={"online_signing": do.lapse_with},
    )
)
