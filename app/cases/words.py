"""How a case's state and its events are called and coloured for a reader, whatever the workflow."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.base import clock
from app.cases import progress
from app.cases.models import CaseMixin
from app.web.current import actor_or_none
from app.web.drawing import written
from app.web.filters import state_markup
from app.workflow import registry
from app.workflow.table import Workflow


def state_word(case: CaseMixin) -> Markup:
    """The state as a coloured word for the reader of the running request."""
    actor = actor_or_none()
    tone = progress.tone_for(case, actor) if actor is not None else "theirs"
    return state_markup(registry.get(case.workflow_name).label_of(case, actor), tone) + _age(case)


def _age(case: CaseMixin) -> Markup:
    """How long a case has waited where somebody has to act, beside its state in every list; nothing on the first day."""
    days = progress.days_waited(case)
    if not days or not case.due_at or case.invalid_since is not None:
        return Markup()
    said = _("waits %(days)s days", days=days)
    if case.due_at <= clock.now():
        said = _("waits %(days)s days, overdue", days=days)
    return Markup(f' <small class="muted nowrap">{written(said)}</small>')  # noqa: S704  (escaped)


def event_label(workflow: Workflow, event: str, case: Any) -> Any:
    """What a button for the event says; the case decides between 鉴证 and 审核 (R2.3)."""
    return workflow.named(event)[0].label(case)
