"""Where a graduate stands with archive and hukou, how the home tells it, and the way in (R7.13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import Actor
from app.base.errors import AppError, Conflict
from app.cases.home import Telling, Way, closure_of
from app.cases.progress import tone_for, waiting_sentence
from app.household import guards
from app.household.models import OPEN, HouseholdMixin
from app.household.queries import records_of_graduate
from app.household.records import full_address, type_label
from app.household.services.writing import new_case
from app.household.types import KINDS
from app.roster.models import Graduate
from app.schools.guards import refuse_closed
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


def item_of(case: HouseholdMixin, actor: Actor) -> dict[str, Any]:
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


def tell_record(case: Any, actor: Actor) -> Telling:
    """What it is and where it goes; what is in force asks for nothing."""
    workflow = registry.get(case.workflow_name)
    icon = "folder" if case.workflow_name == "archive" else "house"
    place = " ".join(text for text in (type_label(case), full_address(case)) if text)
    return Telling(
        title=_("%(what)s: %(state)s", what=workflow.label, state=workflow.label_of(case, actor)),
        lines=[(icon, place)] if place else [],
        verb={Stage.DRAFT: _("Continue"), Stage.RETURNED: _("Correct and submit again")}.get(
            case.stage, _("See the details")
        ),
        asks=case.stage == Stage.RETURNED,
    )


def why_not(graduate: Graduate, actor: Actor) -> str:
    """Why the way is closed: the school has opened neither module; "" when one can be used."""
    del actor
    reasons = []
    for kind in KINDS:
        try:
            refuse_closed(graduate, closure_of(graduate, kind))
        except Conflict as refused:
            reasons.append(refused.message)
    return reasons[0] if len(reasons) == len(KINDS) else ""


HOUSEHOLD = Way(
    name="household",
    order=60,
    title=lazy_gettext("Archive and hukou"),
    text=lazy_gettext(
        "Where your archive is sent and your hukou moves after graduation. Everybody does this, beside a signing "
        "or any other destination."
    ),
    icon="folder",
    endpoint="household.overview",
    closed=why_not,
    follows=KINDS,
)
