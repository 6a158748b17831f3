"""Lists of what workers send for the platform: what waits, what failed and why; operators let it be sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect
from flask_appbuilder.actions import action
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.base.dates import time_text
from app.fab.views import ScopedModelView
from app.web.current import current_actor
from app.web.filters import state_markup
from app.workflow import registry

TONES = {"queued": "theirs", "done": "in_force", "sent": "in_force", "failed": "failed", "refused": "failed"}
TONES |= {"delivered": "in_force", "undelivered": "failed"}


def record_of(row: Any) -> str:
    """The case that it is about."""
    return f"{registry.get(row.workflow).label} #{row.case_id}" if row.workflow else ""


class SendingView(ScopedModelView):
    """Set `send_again`: the service that takes ids and an actor and tells how many of them were still to be sent.

    `statuses` are what the states of sending are called; waiting is somebody else's turn, what has failed the operator's.
    """

    send_again: Callable[..., int]
    standing: Callable[[Any], str] = staticmethod(lambda row: row.status)  # by which name of `statuses` it goes
    statuses: Mapping[str, Any] = {}
    base_permissions = ["can_list", "can_show", "can_export", "can_retry"]
    sent_again: Any = _("%(count)s notices are being sent again.")
    none_sent: Any = _("There is nothing to send again: these notices have been sent.")
    computed = {"record": record_of}
    formatters_columns = dict.fromkeys(("at", "created_at", "next_attempt_at", "done_at"), time_text)
    label_columns = {
        "record": _("Record"),
        "status": _("Status"),
        "status_word": _("Status"),
        "attempts": _("Tries"),
        "problem": _("Problem"),
        "created_at": _("Written at"),
        "next_attempt_at": _("Next try at"),
        "last_error": _("Technical detail"),
    }

    def __init__(self, **kwargs: Any) -> None:
        self.computed = {**self.computed, "status_word": self.status_word}
        super().__init__(**kwargs)

    def status_word(self, row: Any) -> Markup:
        """The status as a coloured word."""
        standing = self.standing(row)
        return state_markup(self.statuses.get(standing, standing), TONES.get(standing))

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: the permission is named as in the services."""
        return f"can_{name}"

    @action("retry", _("Send again now"), None, "rotate-cw")
    def retry(self, rows: Any) -> Response:
        """Send one or many again now."""
        chosen = rows if isinstance(rows, list) else [rows]
        count = self.send_again([row.id for row in chosen], actor=current_actor())
        flash(str(self.sent_again) % {"count": count} if count else str(self.none_sent), "success" if count else "info")
        return redirect(self.get_redirect())
