"""What the roles of a unit's users are called, and what each may do."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.unit_roles import HR, OWNER, VIEWER

ROLE_WORDS: dict[str, Any] = {
    OWNER: _("Owner of the unit"),
    HR: _("HR of the unit"),
    VIEWER: _("Viewer of the unit"),
}
ROLE_HINTS: dict[str, Any] = {
    OWNER: _("Invites and signs, and manages who works for the unit and in which role."),
    HR: _("Invites, signs and ends agreements, keeps favorites, templates and the unit information."),
    VIEWER: _("Sees everything of the unit and downloads it, but changes nothing."),
}
