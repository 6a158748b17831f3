"""Papers that could not be made, on the operators' screens: which, why, and make them again (R9.1)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from app.documents.queries import is_unmade
from app.documents.services import UNMADE, make_again
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Where
from app.fab.menu import Entry
from app.fab.sending import SendingView
from app.workflow.models import OutboxMessage

STATUSES = {"queued": _("Waiting to be made"), "failed": _("Failed, needs attention")}


class UnmadeView(SendingView):
    """Papers that are not made yet, and why; normally none."""

    datamodel = ScopedInterface(OutboxMessage)
    route_base = "/staff/unmade"
    menu = Entry("unmade", "file-text", "operations")
    class_permission_name = UNMADE
    base_filters = [["id", Where, is_unmade()]]
    list_title = _("Papers not made yet")
    show_title = _("A paper not made yet")
    sent_again = _("%(count)s papers are being made again.")
    none_sent = _("There is nothing to make again: these papers have been made.")
    search_columns = ["status", "created_at"]
    search_form_extra_fields = {"status": SelectField(_("Status"), choices=list(STATUSES.items()))}
    statuses = STATUSES
    list_columns = ["record", "status_word", "attempts", "last_error", "created_at", "next_attempt_at"]
    show_columns = list_columns
    order_columns = ["id", "attempts", "created_at"]
    send_again = staticmethod(make_again)
