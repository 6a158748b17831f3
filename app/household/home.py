"""Archive and hukou on the graduate's home: how a record is told, and the way in (R7.13)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import Actor
from app.base.errors import Conflict
from app.cases.home import Telling, Way, closure_of
from app.household.records import full_address, type_label
from app.household.types import KINDS
from app.roster.models import Graduate
from app.schools.guards import refuse_closed
from app.workflow import registry
from app.workflow.stages import Stage


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
)
