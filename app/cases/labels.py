"""What readers call a state that the table alone does not name closely enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.access.actors import DEPARTMENT, Actor
from app.workflow import registry
from app.workflow.stages import Stage
from app.workflow.table import Label


def rejected_by(by_department: Label, by_school: Label) -> Callable[[Any, Actor | None], Label]:
    """A rejected case says who rejected it; None for every other case, which is called as the table says."""

    def label(case: Any, reader: Actor | None) -> Label:
        del reader
        if case.stage != Stage.FAILED or case.rejected_from is None:
            return None
        stopped = registry.get(case.workflow_name).state(case.rejected_from)
        return by_department if stopped.waits_for == DEPARTMENT else by_school

    return label
