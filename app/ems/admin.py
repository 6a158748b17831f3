"""同步记录: the queue to the employment system on the operators' screens (R4.9)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from flask_appbuilder.actions import action
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.access.actors import OPERATOR
from app.base.dates import time_text
from app.ems import queue
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Where
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.web.current import current_actor
from app.web.filters import state_markup
from app.workflow import registry
from app.workflow.models import OutboxMessage

# Waiting is somebody else's turn; a dead letter is the operator's.
_TONES = {"queued": "theirs", "done": "in_force", "failed": "failed"}


def status_word(message: OutboxMessage) -> Markup:
    """The status as a coloured word."""
    return state_markup(queue.STATUS_LABELS.get(message.status, message.status), _TONES.get(message.status))


def record_of(message: OutboxMessage) -> str:
    """The case that caused the message."""
    if message.workflow is None:
        return ""
    return f"{registry.get(message.workflow).label} #{message.case_id}"


class SyncView(ScopedModelView):
    """What goes to the employment management system, what failed and why; try again."""

    datamodel = ScopedInterface(OutboxMessage)
    route_base = "/staff/sync"
    menu = Entry("sync", "refresh-cw", "operations")
    class_permission_name = queue.VIEW
    base_permissions = ["can_list", "can_show", "can_export", "can_retry"]
    open_to = (OPERATOR,)
    base_filters = [["id", Where, queue.is_sync()]]
    list_title = _("Sync with the employment system")
    show_title = _("Record of the sync")
    search_columns = ["status", "created_at"]
    search_form_extra_fields = {"status": SelectField(_("Status"), choices=list(queue.STATUS_LABELS.items()))}
    computed = {
        "content": queue.shown_content,
        "status_word": status_word,
        "record": record_of,
        "problem": queue.explain,
    }
    list_columns = ["content", "record", "status_word", "attempts", "problem", "created_at", "done_at"]
    show_columns = [*list_columns, "next_attempt_at", "last_error"]
    formatters_columns = dict.fromkeys(("created_at", "next_attempt_at", "done_at"), time_text)
    order_columns = ["id", "attempts", "created_at", "next_attempt_at"]
    label_columns = {
        "content": _("Content"),
        "record": _("Record"),
        "status": _("Status"),
        "status_word": _("Status"),
        "attempts": _("Tries"),
        "problem": _("Problem"),
        "created_at": _("Written at"),
        "next_attempt_at": _("Next try at"),
        "done_at": _("Delivered at"),
        "last_error": _("Technical detail"),
    }

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: the permission is shared with the API."""
        return f"can_{name}"

    @action("retry", _("Send again now"), None, "rotate-cw")
    def retry(self, rows: Any) -> Response:
        """Try one or many again now."""
        chosen = rows if isinstance(rows, list) else [rows]
        count = queue.retry_many([row.id for row in chosen], actor=current_actor())
        if count:
            flash(str(_("%(count)s records are being sent again.", count=count)), "success")
        else:
            flash(str(_("All of these records have already been delivered.")), "info")
        return redirect(self.get_redirect())
