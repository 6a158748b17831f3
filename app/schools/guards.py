"""What must be true before a school's setting changes, or before a graduate of the school uses a module."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.access.actors import Actor
from app.base.cohorts import is_operable
from app.base.database import session
from app.base.errors import Conflict, Forbidden
from app.base.wording import listed
from app.schools import queries
from app.schools.models import LEVELS, WHOLE_SCHOOL, AgreementContact, School, SchoolSetting
from app.workflow import registry
from app.workflow.stages import MOVING
from app.workflow.table import State, Workflow


@dataclass(frozen=True)
class InProgress:
    """How many cases of one workflow are on their way."""

    workflow: Workflow
    count: int


def is_settled(state: State) -> bool:
    """Whether a case in this state is not on its way: never submitted, in force, or at its end (R3.3)."""
    return state.stage not in MOVING


def cases_in_progress(school_id: int, cohort: int, module: str) -> list[InProgress]:
    """Valid cases of the cohort that are on their way, by workflow; those of removed graduates stand still (R4.7)."""
    found = []
    for workflow in _workflows_of(module):
        model: Any = workflow.model
        moving = [state.name for state in workflow.states if not is_settled(state)]
        query = select(func.count()).where(
            model.school_id == school_id,
            model.cohort == cohort,
            model.state.in_(moving),
            model.invalid_since.is_(None),
        )
        if count := session.scalar(query):
            found.append(InProgress(workflow, count))
    return found


def has_cases(school_id: int, cohort: int, module: str) -> bool:
    """Whether anybody has acted: any case of the cohort, drafts, invitations and those of removed graduates too (R3.2)."""
    for workflow in _workflows_of(module):
        model: Any = workflow.model
        if session.scalar(select(model.id).where(model.school_id == school_id, model.cohort == cohort).limit(1)):
            return True
    return False


def _workflows_of(module: str) -> list[Workflow]:
    """The workflows of the module whose cases lie in a school and cohort; the verification of units does not."""
    return [one for one in registry.all_workflows() if one.module == module and hasattr(one.model, "school_id")]


# Before a setting changes -------------------------------------------------------------------------------------------


def province_has_opened(school: School, module: str) -> None:
    """A school sets nothing before its province has opened the module (R3.1)."""
    if not queries.has_opened(school.province_id, module):
        raise Conflict(_("Your province has not opened this module yet. Please ask the province."), "province_not_open")


def cohort_can_still_act(cohort: int) -> None:
    """Settings of a season that is over can only be read (R4.3)."""
    if not is_operable(cohort):
        raise Conflict(
            _("The season of the cohort %(cohort)s is over: its settings can only be read.", cohort=cohort),
            "cohort_closed",
        )


def nobody_has_acted(school_id: int, cohort: int, module: str) -> None:
    """A switch that has been used stays open (R3.2)."""
    if has_cases(school_id, cohort, module):
        raise Conflict(
            _("Graduates or units have already used this module, so it cannot be closed any more."), "cases_exist"
        )


def nothing_is_on_its_way(school_id: int, cohort: int, module: str) -> None:
    """The review mode changes only between two seasons of work (R3.3)."""
    moving = cases_in_progress(school_id, cohort, module)
    if moving:
        raise Conflict(
            _(
                "%(count)s records of this cohort are in progress, so the review mode cannot change now. "
                "Please decide them first.",
                count=sum(one.count for one in moving),
            ),
            "in_progress",
        )


def every_department_has_reviewer(school_id: int, cohort: int, module: str) -> None:
    """先院系再校级 needs somebody in every department on the roster; the refusal names those without (R3.3)."""
    missing = queries.departments_without_reviewer(school_id, cohort, module)
    if missing:
        raise Conflict(
            _(
                "These departments of the roster have no active department account with read and write permission: "
                "%(names)s. Please create the accounts first, under exactly these names.",
                names=listed(missing),
            ),
            "departments_without_account",
            departments=missing,
        )


def contacts_can_be_added(
    new: Sequence[Mapping[str, Any]], submitted: Mapping[str, AgreementContact], actor: Actor
) -> None:
    """The once-only rule of R3.5; `new` are the contacts that differ from those submitted.

    An account in charge of one level names the contact of that level only. Nothing submitted is ever changed.
    """
    free = contact_levels_open_to(submitted, actor.level)
    for contact in new:
        if actor.level in LEVELS and contact["level"] != actor.level:
            raise Forbidden(
                _("Your account is in charge of one level only and names the agreement contact of that level."),
                "wrong_level",
            )
        if contact["level"] not in free:
            raise Conflict(_("The agreement contact has been submitted and cannot be changed."), "contact_exists")


def contact_levels_open_to(submitted: Collection[str], in_charge_of: str | None) -> tuple[str, ...]:
    """The levels whose agreement contact an account can still name: a level's stands never beside the school's (R3.5)."""
    if WHOLE_SCHOOL in submitted:
        return ()
    free = (*(() if submitted else (WHOLE_SCHOOL,)), *(level for level in LEVELS if level not in submitted))
    return tuple(level for level in free if in_charge_of not in LEVELS or level == in_charge_of)


# Before a graduate uses a module ------------------------------------------------------------------------------------


def refuse_closed(graduate: Any, closure: str | None) -> None:
    """Raise Conflict when queries.closures_of() found that the graduate cannot use the module; None is no closure.

    The graduate comes with its school.
    """
    if closure == queries.SCHOOL_NOT_OPEN:
        raise Conflict(
            _("%(school)s has not opened this module for this cohort yet.", school=graduate.school.name), closure
        )
    if closure == queries.NO_CONTACT:
        raise Conflict(
            _(
                "%(school)s has not yet named the agreement contact for this level of study, "
                "so its graduates cannot sign. Please ask the school.",
                school=graduate.school.name,
            ),
            closure,
        )


# What can no longer be changed --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fixed:
    """What the rules above hold fast now, so that a page need not offer it."""

    open: bool
    review_mode: list[InProgress]


def what_is_fixed(setting: SchoolSetting | None, school_id: int, cohort: int, module: str) -> Fixed:
    """The parts of a setting that cannot change at this moment."""
    if setting is None:
        return Fixed(False, [])
    return Fixed(setting.open and has_cases(school_id, cohort, module), cases_in_progress(school_id, cohort, module))
