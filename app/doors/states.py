"""How a case's state and its events are called and coloured for a reader, whatever the workflow."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from app.access.actors import Actor
from app.doors.current import actor_or_none
from app.doors.filters import state_markup
from app.workflow import engine, registry
from app.workflow.table import Workflow


def tone_of(case: Any, actor: Actor | None) -> str:
    """The colour: amber (mine) waits for the reader, blue (theirs) for somebody else; violet is 失效."""
    if case.invalid_since is not None:
        return "invalid"
    tone = registry.get(case.workflow_name).state(case.state).tone
    if tone != "waiting":
        return tone
    return "mine" if actor is not None and engine.available(case, actor) else "theirs"


def state_word(case: Any) -> Markup:
    """The state as a coloured word for the reader of the running request."""
    actor = actor_or_none()
    return state_markup(registry.get(case.workflow_name).label_of(case, actor), tone_of(case, actor))


def event_label(workflow: Workflow, event: str, case: Any) -> Any:
    """What a button for the event says; the case decides between 鉴证 and 审核 (R2.3)."""
    return workflow.named(event)[0].label(case)
