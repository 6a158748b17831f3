"""What must be true before an event of an archive or hukou registration."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.clock import day_of
from app.base.errors import Conflict, Invalid
from app.household.forms import missing_fields
from app.household.models import OPEN, HouseholdMixin, model_of
from app.household.proposals import locked_values, refusals
from app.household.queries import newest_in
from app.schools.guards import refuse_closed
from app.schools.queries import closures_of, setting_of
from app.workflow.stages import Stage
from app.workflow.table import Context

LAST_DAY_OF_CHANGES = (8, 31)  # of the year of graduation


def school_has_opened(context: Context[HouseholdMixin]) -> None:
    """Until the school has submitted its settings the module cannot be used (R3.6)."""
    graduate = context.case.graduate
    refuse_closed(graduate, closures_of([graduate], context.workflow.module, hold=True).get(graduate.id))


def nothing_else_is_open(context: Context[HouseholdMixin]) -> None:
    """One record on its way at a time; the index of the table decides races."""
    case = context.case
    other = newest_in(model_of(case.workflow_name), case.graduate_id or case.graduate.id, *OPEN)
    if other is not None and other.id != case.id:
        raise Conflict(
            _("You have already begun a record of this kind. Please go on with that one."), "open_record", id=other.id
        )


def changes_are_still_taken(context: Context[HouseholdMixin]) -> None:
    """What is in force can be changed until 31 August of the year of graduation; a first record is always possible."""
    case = context.case
    last = date(case.cohort, *LAST_DAY_OF_CHANGES)
    if day_of(context.at) <= last:
        return
    if newest_in(model_of(case.workflow_name), case.graduate_id or case.graduate.id, Stage.IN_FORCE) is not None:
        raise Conflict(
            _(
                "The approved record could be changed until %(day)s. Please ask your school's employment office.",
                day=last.isoformat(),
            ),
            "changes_closed",
        )


def is_complete(context: Context[HouseholdMixin]) -> dict[str, Any]:
    """The fields of the type are there, the school offers the type, and what the unit's letter decides is untouched.

    Stands in the place of the form of `submit`, so that it answers after the rules (422 after 409). Raises Invalid.
    """
    case = context.case
    refuse_incomplete(case, case.data)
    return {}


def refuse_incomplete(case: HouseholdMixin, data: dict[str, Any]) -> None:
    """Raise Invalid with every field that keeps the record from being submitted or amended."""
    errors = missing_fields(case.workflow_name, data)
    errors.update(_not_offered(case, data.get("transfer_type")))
    for name, value in locked_values(case.workflow_name, case.graduate, data.get("transfer_type")).items():
        if data.get(name) != value:
            errors[name] = [_("This comes from your unit's letter and cannot be changed: %(value)s", value=value)]
    if errors:
        raise Invalid(errors)


def _not_offered(case: HouseholdMixin, transfer_type: str | None) -> dict[str, list[Any]]:
    setting = setting_of(case.school_id, case.cohort, case.workflow_name)
    if not transfer_type:
        return {}
    if setting is None or transfer_type not in setting.types:
        return {"transfer_type": [_("Your school does not offer this type. Please choose another one.")]}
    refused = refusals(case.workflow_name, case.graduate, [transfer_type])
    return {"transfer_type": list(refused.values())} if refused else {}


def something_changes(context: Context[HouseholdMixin]) -> None:
    """A report of the employment system that says what is here already leaves no step."""
    if context.data.get("record") == context.case.data:
        raise Conflict(_("This is the present record already."), "unchanged")
