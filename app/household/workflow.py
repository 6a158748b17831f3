"""The rows that the tables of archive and hukou share (W7, W8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL, SYSTEM_KIND
from app.base.errors import Conflict
from app.cases import effects as reviewed
from app.cases.guards import graduate_can_still_edit
from app.cases.workflow import begun, review_rows, upheld_rows, withdrawal
from app.household import effects as do
from app.household import guards
from app.household.types import kept_fields
from app.workflow.stages import Stage
from app.workflow.table import Context, Effect, Notice, State, Transition, names_of, says

STATES = (
    State("draft", _("Not submitted yet"), Stage.DRAFT, waits_for=GRADUATE),
    State("dept_review", _("Under review, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Under review, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("returned", _("Sent back to be corrected"), Stage.RETURNED, waits_for=GRADUATE, tone="failed"),
    State("rejected", _("Review not passed"), Stage.FAILED),
    State("approved", _("Review passed"), Stage.IN_FORCE),
    State("replaced", _("Replaced by a newer record"), Stage.ENDED),
)

REVIEW = names_of(STATES, Stage.REVIEW)


def _amended(context: Context[Any]) -> dict[str, Any]:
    """The reviewer's record: complete, and different from what is there."""
    record = kept_fields(context.workflow.name, context.data)
    if record == context.case.data:
        raise Conflict(_("Nothing has been changed."), "unchanged")
    guards.refuse_incomplete(context.case, record)
    return {"reason": context.data["reason"], "record": record}


def initial_rows() -> tuple[Transition, ...]:
    """How a record begins."""
    open_to = (guards.school_has_opened, guards.nothing_else_is_open, guards.changes_are_still_taken)
    return begun(_("Begin the registration"), _("Registration begun"), *open_to)


def rows_of(
    kind: str, *own: Transition, amend_form: type[Schema], submit_effects: Sequence[Effect] = ()
) -> tuple[Transition, ...]:
    """All rows from a state for a kind (archive, hukou); `own` and `submit_effects` are what only one of them has."""
    return (
        _submit(submit_effects),
        _withdraw(),
        *_amend(kind, amend_form),
        *review_rows(
            approved="approved",
            returned="returned",
            notice=kind,
            approve_effects=(do.replace_previous, do.report_record),
        ),
        *own,
        *_by_the_program(kind),
        *upheld_rows(STATES),
    )


def _submit(own: Sequence[Effect]) -> Transition:
    return Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=reviewed.first_review,
        label=says(_("Submit for review")),
        guards=(guards.school_has_opened, guards.changes_are_still_taken),
        prepare=guards.is_complete,
        effects=(
            reviewed.keep_student_data,
            reviewed.forget_opinions,
            *own,
        ),
        said=_("Handed in for review"),
    )


def _withdraw() -> Transition:
    return withdrawal(REVIEW, _("Withdrawn"), label=_("Withdraw to change it"), effects=())


def _amend(kind: str, form: type[Schema]) -> tuple[Transition, ...]:
    return tuple(
        Transition(
            event="amend",
            sources=(state,),
            who=(who,),
            target=state,
            label=says(_("Correct the record")),
            guards=(graduate_can_still_edit,),
            form=form,
            prepare=_amended,
            effects=(do.take_over_change,),
            notices=(Notice(f"{kind}_amended", to=(GRADUATE,)),),
            said=_("Corrected by the reviewer"),
        )
        for state, who in (("dept_review", DEPARTMENT), ("school_review", SCHOOL))
    )


def _by_the_program(kind: str) -> tuple[Transition, ...]:
    return (
        Transition(
            event="replace",
            sources=("approved",),
            who=(SYSTEM_KIND,),
            target="replaced",
            label=says(_("Replaced")),
            said=_("Replaced by a newer record"),
        ),
        Transition(
            event="ems_change",
            sources=("approved",),
            who=(SYSTEM_KIND,),
            target="approved",
            label=says(_("Changed in the employment system")),
            guards=(guards.something_changes,),
            effects=(do.take_over_change,),
            notices=(Notice(f"{kind}_changed_in_ems", to=(GRADUATE,)),),
            said=_("Changed in the employment management system"),
        ),
    )
