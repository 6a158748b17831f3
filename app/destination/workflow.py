"""W6 destination registration 去向登记: the table. What it says is what the program does."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL, SYSTEM_KIND
from app.base.errors import Conflict
from app.cases import effects as do
from app.cases.guards import graduate_can_still_edit, holds_no_other_claim
from app.cases.proof import own_phone
from app.cases.workflow import begun, rejected_by, review_rows, upheld_rows, withdrawal
from app.destination import effects as own
from app.destination import (
    forms,
    guards,
)
from app.destination.attachments import FILES
from app.destination.forms import named_type, read_record
from app.destination.guards import refuse_incomplete, refuse_other_types
from app.destination.home import WAYS, tell
from app.destination.models import Destination
from app.destination.queries import change_lines, record_rows, type_label
from app.destination.services import WRITING
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Context, Notice, State, Transition, Workflow, names_of, says


def _complete(context: Context) -> dict[str, Any]:
    refuse_incomplete(context.case)
    return {}


def _amended(context: Context) -> dict[str, Any]:
    """The reviewer's record, complete but for proofs; it must change something."""
    case = context.case
    kind = named_type(context.data)
    refuse_other_types(case.graduate, kind)
    sent = context.data.get("data")
    record = {"type": kind.code, "data": read_record(kind, {} if sent is None else sent)}
    if record == case.data:
        raise Conflict(_("Nothing has been changed."), "unchanged")
    return {"record": record, "reason": context.data.get("reason")}


_label = rejected_by(
    _("Destination rejected by the department (void)"),
    _("Destination rejected by the school (void)"),
)


states = (
    State("draft", _("Draft, not submitted yet"), Stage.DRAFT, waits_for=GRADUATE),
    State("dept_review", _("Destination under review, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Destination under review, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("returned", _("Destination returned for edit"), Stage.RETURNED, waits_for=GRADUATE),
    State("rejected", _("Destination rejected (void)"), Stage.FAILED),
    State("approved", _("Destination approved"), Stage.IN_FORCE),
    State("voided", _("Voided"), Stage.VOIDED),
    State("replaced", _("Changed: a newer one has taken its place"), Stage.ENDED),
)

initial = begun(
    _("Register a destination"),
    _("Graduate began registering the destination"),
    guards.school_has_opened,
    guards.type_is_open,
    guards.change_is_possible,
)

transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=do.first_review,
        label=says(_("Submit for review")),
        said=_("Graduate submitted"),
        guards=(guards.school_has_opened, guards.type_is_open, holds_no_other_claim),
        prepare=_complete,
        proof=own_phone,
        binds=_(
            "You declare that this is where you go and that the papers are genuine. Once it is approved it is reported "
            "to the employment management system as your destination."
        ),
        effects=(do.bind_graduate, do.keep_student_data, do.forget_opinions, own.drop_foreign_files),
    ),
    withdrawal(names_of(states, Stage.REVIEW), _("Graduate withdrew it")),
    *review_rows(
        approved="approved",
        returned="returned",
        notice="destination",
        approve_effects=(do.confirm_graduate, own.report_destination),
        return_effects=(do.release_graduate,),
        reject_effects=(do.release_graduate,),
    ),
    *(
        Transition(
            event="amend",
            sources=(stage,),
            who=(kind,),
            target=stage,
            label=says(_("Correct the destination")),
            said=said,
            guards=(graduate_can_still_edit,),
            form=forms.AmendForm,
            prepare=_amended,
            effects=(own.correct_record,),
            notices=(Notice("destination_amended", to=(GRADUATE,)),),
        )
        for kind, stage, said in (
            (DEPARTMENT, "dept_review", _("Department corrected the destination")),
            (SCHOOL, "school_review", _("School corrected the destination")),
        )
    ),
    *(
        Transition(
            event="void",
            sources=("approved",),
            who=(kind,),
            target="voided",
            label=says(_("Void the registration")),
            said=_("Registration voided"),
            guards=guarded,
            form=forms.GiveUpForm,
            proof=own_phone,
            binds=_("The registration loses its force at once."),
            effects=(do.release_graduate, do.report_pending),
            irreversible=kind == GRADUATE,
            notices=notices,
        )
        for kind, guarded, notices in (
            (GRADUATE, (guards.may_be_voided_alone, guards.nothing_is_to_replace_it), ()),
            (SYSTEM_KIND, (), (Notice("destination_given_up", to=(GRADUATE,)),)),
        )
    ),
    Transition(
        event="replace",
        sources=("approved",),
        who=(SYSTEM_KIND,),
        target="replaced",
        label=says(_("Replaced by a change")),
        said=_("Another record, approved now, has taken its place"),
        anyhow=True,
    ),
    *upheld_rows(states),
)

DESTINATION = declare(
    Workflow(
        name="destination",
        label=_("Registration of a destination"),
        model=Destination,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
        writing=WRITING,
        rows=record_rows,
        pages={GRADUATE: "destinations.record"},
        home=tell,
        ways=WAYS,
        facts=lambda case: {"destination": type_label(case.type)},
        changes=change_lines,
        files=FILES,
        gives_way=own.end_for_signing,
        says_more=lambda cases, actor: {"change_of": {case.id: case.change_of for case in cases}},
    )
)
