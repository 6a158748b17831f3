"""Where a graduate stands with archive and hukou: what is in force, what is on its way, what can be done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.access.actors import Actor
from app.base.errors import AppError
from app.cases.progress import tone_for, waiting_sentence
from app.household import guards
from app.household.models import OPEN
from app.household.queries import records_of_graduate
from app.household.records import full_address, type_label
from app.household.services import new_case
from app.roster.models import Graduate
from app.schools.queries import closures_of
from app.workflow import engine, registry
from app.workflow.stages import Stage
from app.workflow.table import Context


@dataclass(frozen=True)
class Standing:
    """One kind (archive, hukou) of one graduate."""

    kind: str
    in_force: Any | None  # the approved record
    moving: Any | None  # a draft, in review or sent back
    failed: Any | None  # the last record, when it was rejected and nothing followed
    closed: bool  # the school has not opened the module
    refusal: str  # why nothing new can be begun; "" when it can

    @property
    def shown(self) -> Any | None:
        """The record that matters most now."""
        return self.moving or self.in_force or self.failed


def standing_of(kind: str, graduate: Graduate, actor: Actor) -> Standing:
    """The standing of the acting graduate; three statements, four with an opened module."""
    records = records_of_graduate(kind, actor)
    in_force = next((case for case in records if case.stage == Stage.IN_FORCE), None)
    moving = next((case for case in records if case.stage in OPEN), None)
    newest = records[0] if records else None
    failed = newest if newest is not None and newest.stage == Stage.FAILED else None
    closed = bool(closures_of([graduate], kind))
    return Standing(kind, in_force, moving, failed, closed, "" if moving else _refusal(kind, actor))


def _refusal(kind: str, actor: Actor) -> str:
    """What begin_case() would say now."""
    workflow = registry.get(kind)
    try:
        row = engine.permits_creation(workflow, actor)
        engine.check_creation(Context(workflow, row, new_case(kind, actor), actor))
    except AppError as refused:
        return refused.message
    return ""


def item_of(case: Any, actor: Actor) -> dict[str, Any]:
    """A record for cards and pages: its state in words and colour, the type and the address."""
    return {
        "case": case,
        "label": registry.get(case.workflow_name).label_of(case, actor),
        "tone": tone_for(case, actor),
        "waiting": waiting_sentence(case, actor),
        "events": engine.available(case, actor),
        "type": type_label(case),
        "address": full_address(case),
    }


def last_day_of_changes(cohort: int) -> date:
    """Until when what is in force can be changed."""
    return date(cohort, *guards.LAST_DAY_OF_CHANGES)
