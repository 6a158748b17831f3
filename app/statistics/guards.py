"""Who reads figures."""

from __future__ import annotations

from app.access.actors import Actor, module_refusal
from app.base.errors import Forbidden

VIEW = "statistics"


def refuse_reading(module: str, actor: Actor) -> None:
    """Raise Forbidden where the role reads no figures, or the module is closed to the actor."""
    if not actor.may("can_read", VIEW):
        raise Forbidden()
    if not actor.reads(module):
        raise module_refusal(actor, module)
