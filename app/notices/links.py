"""The one address of a notice: it leads whoever is logged in to the record behind it."""

from __future__ import annotations

from app.access.services import DOOR_OF_KIND
from app.base.settings import settings

OPEN_PATH = "/messages"


def public_address(path: str) -> str:
    """The full address of a page, as people outside reach it."""
    return f"{settings().public_url}{path}"


def open_address(notification_id: int, reader: str) -> str:
    """The full address, for messages outside the site: it says through which entrance its reader comes in."""
    door = DOOR_OF_KIND.get(reader, "school")
    return public_address(f"{OPEN_PATH}/{notification_id}?door={door}")
