"""What must be true of a unit before its users do anything."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden
from app.employers.models import Employer


def verified_employer(actor: Actor) -> Employer:
    """The actor's unit; raises Forbidden for others than employers, Conflict `unverified` before verification (R5.6)."""
    if actor.kind != EMPLOYER:
        raise Forbidden()
    employer = session.get(Employer, actor.employer_id) if actor.employer_id else None
    if employer is None or employer.verified_at is None:
        raise Conflict(_("Your unit is not verified yet. Please finish the verification first."), "unverified")
    return employer
