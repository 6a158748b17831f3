"""Records that name a unit's credit code and came about without it: the unit's own list, and what it has said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    false,
    literal,
    or_,
    select,
    union_all,
)

from app.access.actors import Actor
from app.base.database import session
from app.base.replicas import counted
from app.destination.models import DESTINATION_UNIT, Destination
from app.employers.models import Employer
from app.employers.verification.services.onboarding import verified_unit
from app.recognition.models import Recognition
from app.roster.models import Graduate
from app.signing.paper.models import OfflineSigning, Supplementary
from app.workflow.stages import Stage

VIEW: Final = "recognitions"  # in the role matrix and the API
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


class _Unit(NamedTuple):
    id: Any
    uscc: Any


# In the place of a unit, for statements that are put together once for all of them: of_unit() gives the values.
ANY_UNIT: Final = _Unit(bindparam("own_unit", type_=BigInteger), bindparam("own_code", type_=String))


def of_unit(unit: Employer | None) -> dict[str, Any]:
    """The values of ANY_UNIT."""
    return {} if unit is None else {"own_unit": unit.id, "own_code": unit.uscc}


def naming_unit(actor: Actor) -> Employer | None:
    """The actor's unit, if it has proved its code: before that nothing is told of it."""
    unit = verified_unit(actor)
    return unit if unit is not None and unit.uscc else None


def named(workflow: str, unit: Any) -> ColumnElement[bool]:
    """Whether a record of this kind names just this unit's code, for the unit to see."""
    model, code = NAMING[workflow]
    mine = _answered(model, unit, ours=True)
    return and_(code == unit.uscc, model.invalid_since.is_(None), or_(model.stage.in_(_SHOWN), mine))


def records_naming(actor: Actor, workflow: str, cohort: int, answer: str = "") -> Select[tuple[Any]]:
    """The records of one kind and cohort that name the actor's unit, newest first; `answer` is one of ANSWERS or all."""
    model, _code = NAMING[workflow]
    query = select(model).where(naming(actor, workflow, answer), model.cohort == cohort)
    return query.options(*model.eager_options()).order_by(model.id.desc())


def naming(actor: Actor, workflow: str, answer: str = "") -> ColumnElement[bool]:
    """Whether a record of this kind names the actor's unit, and has this answer of it."""
    unit, (model, _code) = naming_unit(actor), NAMING[workflow]
    return and_(named(workflow, unit), _by_answer(model, unit, answer)) if unit is not None else false()


def counts_by_kind(actor: Actor, cohort: int) -> dict[str, int]:
    """How many of each kind; one statement."""
    unit = naming_unit(actor)
    if unit is None:
        return dict.fromkeys(NAMING, 0)
    return counted({name: _ids(name, unit, cohort) for name in NAMING})


def _ids(workflow: str, unit: Any, cohort: Any, answer: str = "") -> Select[Any]:
    model, _code = NAMING[workflow]
    return select(model.id).where(named(workflow, unit), model.cohort == cohort, _by_answer(model, unit, answer))


def answers_to(actor: Actor, cases: Sequence[Any]) -> dict[int, Recognition]:
    """What the actor's unit has said of these records of one kind, by their ids; one statement."""
    if not cases:
        return {}
    mine = (Recognition.employer_id == actor.employer_id, Recognition.workflow == cases[0].workflow_name)
    query = select(Recognition).where(*mine, Recognition.case_id.in_([case.id for case in cases]))
    return {one.case_id: one for one in session.scalars(query)}


def recognised(actor: Actor, tab: str, cohort: int, *about: ColumnElement[bool]) -> Select[Any] | None:
    """Workflow and id of the signings on paper that the unit has recognised, for this tab of its list; newest first.

    `about` are conditions on their graduates. None where the tab can hold none.
    """
    unit = naming_unit(actor)
    if unit is None or tab not in TABS:
        return None
    parts = (
        select(literal(model.workflow_name).label("workflow"), model.id, model.created_at)
        .join(model.graduate.of_type(Graduate))
        .where(*_in_tab(model, unit, cohort), model.stage.in_(TABS[tab]), *about)
        for model in PAPER
    )
    every: Any = union_all(*parts).subquery()
    places: Select[Any] = select(every.c.workflow, every.c.id)
    return places.order_by(every.c.created_at.desc(), every.c.id.desc())


def read_recognised(places: Iterable[tuple[str, int]]) -> list[Any]:
    """The records at these places, in their order; a statement for each kind."""
    wanted, found = defaultdict[str, list[int]](list), dict[tuple[str, int], Any]()
    places = [(workflow, case_id) for workflow, case_id in places]
    for workflow, case_id in places:
        wanted[workflow].append(case_id)
    for workflow, ids in wanted.items():
        model, _code = NAMING[workflow]
        for case in session.scalars(select(model).where(model.id.in_(ids)).options(*model.eager_options())):
            found[workflow, case.id] = case
    return [found[place] for place in places if place in found]


def recognised_by_tab(unit: Any, cohort: Any) -> dict[str, Select[Any]]:
    """The same of every tab that can hold any, to be counted."""
    return {
        tab: _either(select(model.id).where(*_in_tab(model, unit, cohort), model.stage.in_(stages)) for model in PAPER)
        for tab, stages in TABS.items()
    }


def disowned(case: Any) -> tuple[Recognition, str] | None:
    """The word of the unit that a record names, if it says that the record is not its own, and the unit's name."""
    if case.workflow_name not in NAMING:
        return None
    model, code = NAMING[case.workflow_name]
    said = (Recognition.workflow == case.workflow_name, Recognition.case_id == case.id, Recognition.ours.is_(False))
    query = select(Recognition, Employer.name).join(Employer, Employer.id == Recognition.employer_id)
    found = session.execute(query.join(model, model.id == case.id).where(*said, code == Recognition.uscc)).first()
    return (found[0], found[1]) if found else None


def unanswered(unit: Any, cohort: Any) -> Select[Any]:
    """The records of all kinds on which the unit has said nothing yet, to be counted."""
    return _either(_ids(name, unit, cohort, OPEN) for name in NAMING)


def _either(parts: Iterable[Select[Any]]) -> Select[Any]:
    every: Any = union_all(*parts).subquery()
    return select(every.c.id)


def _in_tab(model: Any, unit: Any, cohort: Any) -> tuple[ColumnElement[bool], ...]:
    mine = _answered(model, unit, ours=True)
    return (model.unit_uscc == unit.uscc, model.cohort == cohort, model.invalid_since.is_(None), mine)


def _answered(model: Any, unit: Any, *, ours: bool | None = None) -> ColumnElement[bool]:
    said = exists().where(
        Recognition.employer_id == unit.id,
        Recognition.uscc == unit.uscc,
        Recognition.workflow == model.workflow_name,
        Recognition.case_id == model.id,
    )
    return said if ours is None else said.where(Recognition.ours.is_(ours))


def _by_answer(model: Any, unit: Any, answer: str) -> ColumnElement[bool]:
    if answer == OPEN:
        return ~_answered(model, unit)
    return _answered(model, unit, ours=answer == OURS) if answer in (OURS, NOT_OURS) else literal(True)
