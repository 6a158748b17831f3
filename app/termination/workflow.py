"""What both ways to end an agreement share: what it leads to, and the row for an agreement that is void meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import SYSTEM_KIND
from app.workflow.stages import MOVING
from app.workflow.table import Context, Effect, State, Transition, names_of, says


def ends_agreement(context: Context[Any]) -> Any:
    """What the end of an agreement leads to, in words for who is about to decide."""
    return _(
        "The agreement ends at once: %(name)s is free to sign again, and the employment management system is told: "
        "waiting for employment. This cannot be taken back.",
        name=context.case.graduate.name,
    )


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
