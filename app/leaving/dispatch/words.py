"""What the figures of the dispatches are called."""

from __future__ import annotations

from flask_babel import gettext as _

from app.access.actors import Actor
from app.leaving.dispatch.queries import figures_of
from app.web.filters import figure


def figures_text(actor: Actor, cohort: int) -> str:
    """How many archives of the cohort are sent and received, of those that go to a receiver; "" without any."""
    if not actor.reads("archive"):
        return ""
    told = figures_of(actor, cohort)
    if not told.all:
        return ""
    said = _(
        "Of %(all)s archives %(sent)s are sent (%(share)s), %(received)s of them received (%(part)s).",
        all=figure(told.all),
        sent=figure(told.sent),
        share=f"{told.sent / told.all:.1%}",
        received=figure(told.received),
        part=f"{told.received / told.all:.1%}",
    )
    if told.returned:
        said += " " + _("%(count)s came back and wait to be sent again.", count=figure(told.returned))
    return str(said)
