"""What happens in the same transaction when an event of a renewal is fired."""

from __future__ import annotations

from app.base.database import session
from app.employers.models import Employer
from app.employers.renewal.models import UnitRenewal
from app.employers.services import holds_until
from app.employers.units.services import apply_changes
from app.workflow.table import Context


def keep_what_was_said(context: Context[UnitRenewal]) -> None:
    """What the owner changed, or that nothing has."""
    changes = context.data.get("changes") or {}
    context.case.data = {**context.case.data, "changes": changes}
    if changes:
        context.kept["changes"] = changes


def renew_unit(context: Context[UnitRenewal]) -> None:
    """The unit stands as it was handed in, and its verification holds for another term."""
    unit = _held(context)
    stated = {name: [getattr(unit, name), after] for name, (_before, after) in context.case.data["changes"].items()}
    changes = {name: pair for name, pair in stated.items() if pair[0] != pair[1]}
    if changes:
        apply_changes(unit, changes, context.actor)
    unit.verified_until, unit.lapsed_at = holds_until(context.at), None


def let_lapse(context: Context[UnitRenewal]) -> None:
    """Nobody has confirmed in time: no new invitations. What runs is not touched."""
    unit = _held(context)
    unit.lapsed_at = unit.lapsed_at or context.at


def _held(context: Context[UnitRenewal]) -> Employer:
    return session.get_one(Employer, context.case.employer_id, with_for_update=True, populate_existing=True)
