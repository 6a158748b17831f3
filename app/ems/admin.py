"""同步记录: the queue to the employment system on the operators' screens (R4.9)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.codes.students import AboutStudent
from app.ems import queue
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import SearchFilter, as_text
from app.fab.sending import SendingView
from app.workflow.models import OutboxMessage


class StatusIs(SearchFilter):
    """The status; what was refused for good is not called waiting."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Queued ones by whether waiting helps."""
        said = as_text(value)
        if said == queue.REFUSED:
            return queue.is_refused() & (self.column == "queued")
        return queue.is_on_its_way() if said == "queued" else self.column == said


class SyncView(SendingView):
    """What goes to the employment management system, what failed and why; try again."""

    datamodel = ScopedInterface(OutboxMessage)
    route_base = "/staff/sync"
    menu = Entry("sync", "refresh-cw", "operations")
    class_permission_name = queue.VIEW
    base_filters = [["id", Where, queue.is_sync()]]
    sent_again = _("%(count)s records are being sent again.")
    none_sent = _("All of these records have already been delivered.")
    list_title = _("Sync with the employment system")
    show_title = _("Record of the sync")
    search_columns = ["student", "status", "created_at"]
    search_kinds = {"student": (AboutStudent,), "status": (StatusIs,)}
    search_choices = {"status": lambda: list(queue.STATUS_LABELS.items())}
    statuses = queue.STATUS_LABELS
    computed = {
        "content": queue.shown_content,
        "problem": queue.explain,
    }
    list_columns = ["content", "record", "status_word", "attempts", "problem", "created_at", "done_at"]
    show_columns = [*list_columns, "next_attempt_at", "last_error"]
    order_columns = ["id", "attempts", "created_at", "next_attempt_at"]
    label_columns = {"student": _("Student (name or number)"), "content": _("Content"), "done_at": _("Delivered at")}
    standing = staticmethod(queue.standing_of)
    send_again = staticmethod(queue.retry_many)
