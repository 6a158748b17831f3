"""What must be true before a destination is created, handed in, returned or ended."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Invalid
from app.base.official import official
from app.cases.attachments import files_of
from app.destination.catalogue import type_of, types_open_to
from app.destination.forms import check_record
from app.destination.models import OPEN, Destination
from app.destination.types.declared import DestinationType
from app.schools.guards import refuse_closed
from app.schools.queries import closures_of
from app.schools.seasons.queries import change_is_reviewed
from app.workflow.stages import Stage
from app.workflow.table import Context


def school_has_opened(context: Context[Destination]) -> None:
    """填报去向登记 opens with signing (R3.1, R3.2); the school cannot change it before the commit."""
    graduate = context.case.graduate
    refuse_closed(graduate, closures_of([graduate], context.workflow.module, hold=True).get(graduate.id))


def type_is_open(context: Context[Destination]) -> None:
    """Training modes 21 and 41 see only 定向/委培毕业去向补充登记, and only they see it (R4.4)."""
    kind = type_of(context.case.type)
    if kind is not None:
        refuse_other_types(context.case.graduate, kind)


def change_is_possible(context: Context[Destination]) -> None:
    """Only what is in force changes, one change at a time; one whose old version has ended is a registration like any."""
    case = context.case
    if case.change_of is None or case.id is not None:
        return
    if session.scalar(select(Destination.stage).where(Destination.id == case.change_of)) != Stage.IN_FORCE:
        raise Conflict(
            _("Only a registration that has been approved can be changed. Please look at its state."), "not_approved"
        )
    others = select(Destination.id).where(Destination.change_of == case.change_of, Destination.stage.in_(OPEN))
    if session.scalar(others.limit(1)) is not None:
        raise _in_progress()


def nothing_is_to_replace_it(context: Context[Destination]) -> None:
    """Who has a change or a signing reviewed settles that first; it would have nothing to replace."""
    claim = context.case.graduate.claim
    if claim is not None and claim.next_id is not None:
        raise _in_progress()


def may_be_voided_alone(context: Context[Destination]) -> None:
    """By the province's rule, and after the day of the year, an approved registration changes by review alone."""
    case = context.case
    if change_is_reviewed(case.province_id, case.cohort):
        raise Conflict(
            _("A change of an approved destination is reviewed by your school. Please apply for a change instead."),
            "change_reviewed",
        )


def _in_progress() -> Conflict:
    return Conflict(
        _("A change of this registration is already in progress. Please go on with it, or withdraw it first."),
        "change_in_progress",
    )


def refuse_other_types(graduate: Any, kind: DestinationType) -> None:
    """Raise Conflict when graduates of this training mode cannot register this type."""
    if kind.is_open_to(graduate.training_mode):
        return
    open_ones = types_open_to(graduate.training_mode)
    if len(open_ones) == 1:
        raise Conflict(
            _(
                "With the training mode of this graduate only “%(label)s” can be registered.",
                label=open_ones[0].label,
            ),
            "type_not_open",
        )
    raise Conflict(
        _(
            "“%(label)s” is not open to the training mode of this graduate. Please choose another one.",
            label=kind.label,
        ),
        "type_not_open",
    )


def refuse_incomplete(case: Destination) -> None:
    """Raise Invalid at every field and proof of the type that is missing or wrong: nothing incomplete is handed in."""
    kind = type_of(case.type)
    if kind is None or not kind.is_valid_on(clock.today()):
        raise Invalid({"type": [_("This destination can no longer be chosen. Please choose another one.")]})
    _clean, errors = check_record(kind, case.record, complete=True)
    there = {file.kind for file in files_of(case)}
    for proof in kind.needed_proofs:
        if proof.kind not in there:
            errors[proof.kind] = [_("Please upload: %(label)s.", label=official(proof.label))]
    if errors:
        raise Invalid(errors)
