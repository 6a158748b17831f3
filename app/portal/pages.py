"""The pages of the portal that belong to no single workplace."""

from __future__ import annotations

from flask import Flask

from app.portal import cases


def register(app: Flask) -> None:
    """Open the common page of cases."""
    cases.register(app)
