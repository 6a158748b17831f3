"""The row by which an application to end an agreement is over because the agreement itself is void."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from app.access.actors import SYSTEM_KIND
from app.workflow.stages import MOVING
from app.workflow.table import Effect, State, Transition, names_of, says


def lapse(states: Sequence[State], target: str, *, effects: Sequence[Effect] = ()) -> Transition:
    """From wherever the application is in progress to `target`; whoever is concerned is told of the agreement's end."""
    return Transition(
        event="lapse",
        sources=names_of(states, *MOVING),
        who=(SYSTEM_KIND,),
        target=target,
        label=says(_("Lapsed")),
        said=_("Lapsed: the agreement was voided because of an objection"),
        effects=tuple(effects),
        anyhow=True,
    )
