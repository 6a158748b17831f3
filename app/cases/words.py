"""How a case's state and its events are called and coloured for a reader, whatever the workflow."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from app.cases import progress
from app.web.current import actor_or_none
from app.web.filters import state_markup
from app.workflow import registry
from app.workflow.table import Workflow


def state_word(case: Any) -> Markup:
    """The state as a coloured word for the reader of the running request."""
    actor = actor_or_none()
    tone = progress.tone_for(case, actor) if actor is not None else "theirs"
    return state_markup(registry.get(case.workflow_name).label_of(case, actor), tone)


def event_label(workflow: Workflow, event: str, case: Any) -> Any:
    """What a button for the event says; the case decides between 鉴证 and 审核 (R2.3)."""
    return workflow.named(event)[0].label(case)
