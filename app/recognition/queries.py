"""Records that name a unit's credit code and came about without it: the unit's own list, and what it has said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, false, literal, or_, select, union_all

from app.access.actors import Actor
from app.base.database import counted, session
from app.destination.models import DESTINATION_UNIT, Destination
from app.employers.models import Employer
from app.employers.verification.services.onboarding import verified_unit
from app.recognition.models import Recognition
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow.stages import Stage

PAPER: Final = (OfflineSigning, Supplementary)
# Workflow → its model and by which credit code its records name a unit; each stands on an index.
NAMING: Final[Mapping[str, tuple[Any, Any]]] = {
    **{model.workflow_name: (model, model.unit_uscc) for model in PAPER},
    Destination.workflow_name: (Destination, DESTINATION_UNIT),
}
# Handed in or in force. What its graduate still writes, has taken back or was refused tells a unit nothing.
_SHOWN: Final = (Stage.REVIEW, Stage.HALFWAY, Stage.IN_FORCE)
# The tabs of the unit's list in which what it has recognised stands beside what was signed online.
TABS: Final[Mapping[str, tuple[Stage, ...]]] = {
    "signing": (Stage.REVIEW, Stage.HALFWAY),
    "signed": (Stage.IN_FORCE,),
    "terminated": (Stage.ENDED,),
    "voided": (Stage.VOIDED,),
}
OPEN, OURS, NOT_OURS = "open", "ours", "not_ours"
ANSWERS: Final = (OPEN, OURS, NOT_OURS)


def naming_unit(actor: Actor) -> Employer | None:
    """The actor's unit, if it has proved its code: before that nothing is told of it."""
    unit = verified_unit(actor)
    return unit if unit is not None and unit.uscc else None


def named(workflow: str, unit: Employer) -> ColumnElement[bool]:
    """Whether a record of this kind names just this unit's code, for the unit to see."""
    model, code = NAMING[workflow]
    mine = _answered(model, unit, ours=True)
    return and_(code == unit.uscc, model.invalid_since.is_(None), or_(model.stage.in_(_SHOWN), mine))


def records_naming(actor: Actor, workflow: str, cohort: int, answer: str = "") -> Select[tuple[Any]]:
    """The records of one kind and cohort that name the actor's unit, newest first; `answer` is one of ANSWERS or all."""
    unit, (model, _code) = naming_unit(actor), NAMING[workflow]
    query = select(model).options(*model.eager_options()).order_by(model.id.desc())
    if unit is None:
        return query.where(false())
    return query.where(named(workflow, unit), model.cohort == cohort, _by_answer(model, unit, answer))


def counts_by_kind(actor: Actor, cohort: int) -> dict[str, int]:
    """How many of each kind; one statement."""
    unit = naming_unit(actor)
    if unit is None:
        return dict.fromkeys(NAMING, 0)
    return counted({name: _ids(name, unit, cohort) for name in NAMING})


def _ids(workflow: str, unit: Employer, cohort: int, answer: str = "") -> Select[Any]:
    model, _code = NAMING[workflow]
    return select(model.id).where(named(workflow, unit), model.cohort == cohort, _by_answer(model, unit, answer))


def answers_to(actor: Actor, cases: Sequence[Any]) -> dict[int, Recognition]:
    """What the actor's unit has said of these records of one kind, by their ids; one statement."""
    if not cases:
        return {}
    mine = (Recognition.employer_id == actor.employer_id, Recognition.workflow == cases[0].workflow_name)
    query = select(Recognition).where(*mine, Recognition.case_id.in_([case.id for case in cases]))
    return {one.case_id: one for one in session.scalars(query)}


def recognised(actor: Actor, tab: str, cohort: int, most: int = 50) -> list[Any]:
    """Signings on paper that the unit has recognised, for this tab of its list; newest first."""
    unit = naming_unit(actor)
    if unit is None or tab not in TABS:
        return []
    found = [
        case
        for model in PAPER
        for case in session.scalars(
            select(model)
            .where(*_in_tab(model, unit, cohort), model.stage.in_(TABS[tab]))
            .options(*model.eager_options())
            .order_by(model.id.desc())
            .limit(most)
        )
    ]
    return sorted(found, key=lambda case: case.created_at, reverse=True)[:most]


def recognised_by_tab(actor: Actor, cohort: int) -> dict[str, Select[Any]]:
    """The same of every tab that can hold any, to be counted."""
    unit = naming_unit(actor)
    if unit is None:
        return {}
    return {
        tab: _either(select(model.id).where(*_in_tab(model, unit, cohort), model.stage.in_(stages)) for model in PAPER)
        for tab, stages in TABS.items()
    }


def unanswered(actor: Actor, cohort: int) -> Select[Any] | None:
    """The records of all kinds on which the actor's unit has said nothing yet, to be counted; None without a unit."""
    unit = naming_unit(actor)
    return _either(_ids(name, unit, cohort, OPEN) for name in NAMING) if unit else None


def _either(parts: Iterable[Select[Any]]) -> Select[Any]:
    every: Any = union_all(*parts).subquery()
    return select(every.c.id)


def _in_tab(model: Any, unit: Employer, cohort: int) -> tuple[ColumnElement[bool], ...]:
    mine = _answered(model, unit, ours=True)
    return (model.unit_uscc == unit.uscc, model.cohort == cohort, model.invalid_since.is_(None), mine)


def _answered(model: Any, unit: Employer, *, ours: bool | None = None) -> ColumnElement[bool]:
    said = exists().where(
        Recognition.employer_id == unit.id,
        Recognition.uscc == unit.uscc,
        Recognition.workflow == model.workflow_name,
        Recognition.case_id == model.id,
    )
    return said if ours is None else said.where(Recognition.ours.is_(ours))


def _by_answer(model: Any, unit: Employer, answer: str) -> ColumnElement[bool]:
    if answer == OPEN:
        return ~_answered(model, unit)
    return _answered(model, unit, ours=answer == OURS) if answer in (OURS, NOT_OURS) else literal(True)
