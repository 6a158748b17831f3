"""Where a record is shown to each kind of reader, as the workflows declare it; notices and lists ask."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from app.access.actors import EMPLOYER, GRADUATE, STAFF
from app.workflow import registry

# Where a case is shown whose workflow names no page of its own.
_COMMON = {GRADUATE: "own_cases.own_record", EMPLOYER: "unit_cases.unit_record"}


def record_url(workflow: str | None, case_id: int | None, kind: str) -> str | None:
    """The address of the record for this kind of reader, None where it has no page."""
    if not workflow or case_id is None:
        return None
    endpoint = _staff_view(workflow) if kind in STAFF else registry.get(workflow).pages.get(kind)
    if endpoint is None and kind in _COMMON and hasattr(registry.get(workflow).model, "graduate_id"):
        return url_for(_COMMON[kind], workflow=workflow, case_id=case_id)
    if endpoint is None:
        return None
    rule = next(current_app.url_map.iter_rules(endpoint))
    values: dict[str, Any] = dict.fromkeys(rule.arguments - set(rule.defaults or ()), case_id)
    return url_for(endpoint, **values)


def assigned_url(workflow: str | None, whom: int | str = "mine") -> str | None:
    """The staff's list of a workflow, narrowed to what is assigned to its reader or to this user; None without a list."""
    view = _view_of(workflow) if workflow else None
    return url_for(f"{view}.list", _flt_0_reviewer=whom) if view else None


def _staff_view(workflow: str) -> str | None:
    view = _view_of(workflow)
    return f"{view}.show" if view else None


def _view_of(workflow: str) -> str | None:
    """Staff read every workflow on the view that Flask-AppBuilder has of it."""
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        shows = f"{view.endpoint}.show" in current_app.view_functions
        if getattr(view, "workflow", "") == workflow and shows:
            return str(view.endpoint)
    return None
