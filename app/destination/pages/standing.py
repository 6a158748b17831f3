"""The destinations on the graduate's home: the way in, and why it may be closed now."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.cohorts import is_operable
from app.destination.models import Destination
from app.doors.shell import contribute
from app.errors import Conflict
from app.roster.claims import IN_FORCE, refuse_bound
from app.roster.models import Graduate
from app.schools.guards import refuse_closed
from app.schools.queries import closures_of


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The place in the bottom bar."""
    return {"urls": {"destination": url_for("destinations.overview")}} if actor.kind == GRADUATE else {}


def why_not(graduate: Graduate, actor: Actor) -> str:
    """Why this graduate cannot register a destination now, in words; "" when it is possible."""
    del actor
    if not is_operable(graduate.cohort):
        return _("The season of your cohort is over: records can only be read.")
    claim = graduate.claim
    if claim is not None and claim.workflow == Destination.workflow_name:
        if claim.kind == IN_FORCE:
            return _("Your destination is registered. To register another one, void it first.")
        return _("Your registration is being reviewed. To register something else, withdraw it first.")
    try:
        refuse_bound(claim, Destination.workflow_name, None)
        refuse_closed(graduate, closures_of([graduate]).get(graduate.id))
    except Conflict as refusal:
        return refusal.message
    return ""
