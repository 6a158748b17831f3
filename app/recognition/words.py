"""What a record that names a unit is about, in a line."""

from __future__ import annotations

from typing import Any

from app.destination.queries import type_label


def recorded(case: Any) -> str:
    """The type of a destination, the position of a signing; "" where none is given."""
    if case.workflow_name == "destination":
        return type_label(case.type)
    return str(((case.data or {}).get("position") or {}).get("title") or "")
