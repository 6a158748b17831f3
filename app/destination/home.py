"""The destinations on the graduate's home: the way in, and why it may be closed now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import Actor
from app.base.cohorts import is_operable
from app.base.errors import Conflict
from app.cases.claims import refuse_bound
from app.cases.home import Telling, Way, closure_of
from app.destination.models import Destination
from app.destination.queries import type_label
from app.roster.guards import DIRECTED
from app.roster.models import IN_FORCE, Graduate
from app.schools.guards import refuse_closed
from app.schools.seasons.queries import change_is_reviewed
from app.workflow.stages import Stage


def why_not(graduate: Graduate, actor: Actor) -> str:
    """Why this graduate cannot register a destination now, in words; "" when it is possible."""
    del actor
    if graduate.invalid_since is not None:
        return _("You have been removed from the roster. Please contact your school's employment office.")
    if not is_operable(graduate.cohort):
        return _("The season of your cohort is over: records can only be read.")
    claim = graduate.claim
    if claim is not None and claim.workflow == Destination.workflow_name:
        if claim.kind == IN_FORCE:
            if change_is_reviewed(graduate.province_id, graduate.cohort):
                return _("Your destination is registered. Open it to apply for a change, which your school reviews.")
            return _("Your destination is registered. Open it to change it, or void it to register another one.")
        return _("Your registration is being reviewed. To register something else, withdraw it first.")
    try:
        refuse_bound(claim, Destination.workflow_name, None)
        refuse_closed(graduate, closure_of(graduate, "employment"))
    except Conflict as refusal:
        return refusal.message
    return ""


def tell(case: Destination, actor: Actor) -> Telling:
    """A destination on the home: which one it is."""
    del actor
    verbs = {Stage.DRAFT: _("Go on filling in"), Stage.RETURNED: _("Correct it now")}
    return Telling(lines=[("map-pin", type_label(case.type))], verb=verbs.get(Stage(case.stage), ""))


def _way(name: str, title: Any, text: Any, offered: Callable[[Graduate], bool]) -> Way:
    return Way(
        name=name,
        order=40,
        title=title,
        text=text,
        icon="map-pin",
        endpoint="destinations.overview",
        closed=why_not,
        offered=offered,
    )


# Graduates of modes 21 and 41 have a way of their own (R4.4).
WAYS = (
    _way(
        "destination",
        lazy_gettext("Destinations without an agreement"),
        lazy_gettext(
            "Further study, a labour contract, the army, a service project, your own business, or not decided yet: "
            "a few questions lead to the right entry."
        ),
        lambda graduate: graduate.training_mode not in DIRECTED,
    ),
    _way(
        "directed_destination",
        lazy_gettext("Destination after directed or commissioned training"),
        lazy_gettext("With your training mode this is the one thing to register: where you go by your agreement."),
        lambda graduate: graduate.training_mode in DIRECTED,
    ),
)
