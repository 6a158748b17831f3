"""The one address of a notice: it leads whoever is logged in to the record behind it."""

from __future__ import annotations

from config import Settings

OPEN_PATH = "/messages"
_public_url = [""]


def use_settings(settings: Settings) -> None:
    """Know at start how people outside reach the site."""
    _public_url[0] = settings.public_url


def public_address(path: str) -> str:
    """The full address of a page, as people outside reach it."""
    return f"{_public_url[0]}{path}"


def open_address(notification_id: int) -> str:
    """The full address, for messages outside the site."""
    return public_address(f"{OPEN_PATH}/{notification_id}")
