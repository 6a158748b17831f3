"""The way to the check on the graduate's home, there while the school's days last."""

from __future__ import annotations

from flask_babel import lazy_gettext

from app.cases.home import Way, window_open
from app.roster.models import Graduate


def is_offered(graduate: Graduate) -> bool:
    """While the days that the graduate's school has set for it last."""
    return window_open(graduate, "checking")


CHECK_WAY = Way(
    name="checking",
    order=1,
    title=lazy_gettext("Check my student data"),
    text=lazy_gettext(
        "Your school asks you to go through what the student list says of you, and to name the right value where one is wrong."
    ),
    icon="clipboard-check",
    endpoint="corrections.check",
    offered=is_offered,
)
