"""What the own account shows of the second factor: whether it is on, else the secret as a picture and as text."""

from __future__ import annotations

import segno
from markupsafe import Markup

from app.access import second_factor
from app.access.actors import STAFF, Actor


def facts(actor: Actor) -> dict[str, object] | None:
    """What the own account shows of it; None for those who have none to set up."""
    if actor.kind not in STAFF:
        return None
    waiting = second_factor.waiting_secret(actor=actor)
    return {
        "on": second_factor.is_on(actor.user_id),
        "must": actor.must_add_factor,
        "secret": " ".join(waiting[0][place : place + 4] for place in range(0, len(waiting[0]), 4)) if waiting else "",
        "picture": Markup(segno.make(waiting[1], error="m").svg_inline(omitsize=True, border=4)) if waiting else "",  # noqa: S704
    }
