"""The way to the leaving confirmation on the graduate's home: there while the school's days last, and closed never."""

from __future__ import annotations

from flask_babel import lazy_gettext

from app.cases.home import Way, window_open
from app.roster.models import Graduate


def is_offered(graduate: Graduate) -> bool:
    """While the window of the graduate's school is open."""
    return window_open(graduate, "leaving")


LEAVING_WAY = Way(
    name="leaving",
    order=5,
    title=lazy_gettext("Leaving confirmation"),
    text=lazy_gettext(
        "Before you leave: look through what is registered of destination, archive and hukou, confirm it with a code "
        "and get the sealed sheet. Everybody does this."
    ),
    icon="clipboard-check",
    endpoint="leaving.overview",
    offered=is_offered,
    follows=("leaving",),
)
