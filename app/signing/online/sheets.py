"""The sheet of results of many invitations (R6.4)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.web.sheets import Column, said_of


def result_columns() -> list[Column]:
    """Who was invited, and what became of it."""
    return [
        Column(_("Graduate"), lambda item: item.payload.get("name", ""), 16),
        Column(_("Graduate's school"), lambda item: item.payload.get("school", ""), 28),
        Column(_("Result"), said_of, 70),
    ]
