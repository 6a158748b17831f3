"""The download of archive registrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.household.sheets import record_columns
from app.household.types import ARCHIVE
from app.web.sheets import Column


def archive_columns() -> Sequence[Column]:
    """Beside what both kinds hold: who takes the archive."""
    return record_columns(
        ARCHIVE,
        Column(_("Receiving unit"), _given("receiver"), 30),
        Column(_("Receiving person"), _given("contact"), 12),
        Column(_("Phone of the receiver"), _given("phone"), 16),
        Column(_("Postcode"), _given("postcode"), 10),
    )


def _given(name: str) -> Callable[[Any], Any]:
    return lambda case: case.data.get(name)
