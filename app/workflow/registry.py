"""All workflows by name; rooms declare theirs when they are loaded."""

from __future__ import annotations

from app.base.errors import NotFound
from app.workflow.table import Workflow

_workflows: dict[str, Workflow] = {}


def declare(workflow: Workflow) -> Workflow:
    """Make a workflow known by its name, which the API, history and permissions use."""
    _workflows[workflow.name] = workflow
    return workflow


def get(name: str) -> Workflow:
    """The workflow of that name; raises NotFound when there is none."""
    if name not in _workflows:
        raise NotFound()
    return _workflows[name]


def all_workflows() -> tuple[Workflow, ...]:
    """Every workflow, in the order in which they were declared."""
    return tuple(_workflows.values())
