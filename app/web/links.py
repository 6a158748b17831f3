"""Where a record is shown to each kind of reader: rooms declare their pages, notices and lists ask."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from app.access.actors import STAFF

_places: dict[tuple[str, str], tuple[str, str]] = {}


def declare(workflow: str, kind: str, endpoint: str, argument: str = "case_id") -> None:
    """Name the page that shows a case of this workflow to units or graduates; staff have the workflow's own view."""
    _places[workflow, kind] = (endpoint, argument)


def record_url(workflow: str | None, case_id: int | None, kind: str) -> str | None:
    """The address of the record for this kind of reader, None where it has no page."""
    if not workflow or case_id is None:
        return None
    place = _staff_place(workflow) if kind in STAFF else _places.get((workflow, kind))
    if place is None:
        return None
    values: dict[str, Any] = {place[1]: case_id}
    return url_for(place[0], **values)


def _staff_place(workflow: str) -> tuple[str, str] | None:
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        endpoint = f"{view.endpoint}.show"
        if getattr(view, "workflow", "") == workflow and endpoint in current_app.view_functions:
            return endpoint, "pk"
    return None
