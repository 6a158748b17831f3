"""On the operators' screens: papers that could not be made, and which key sealed which paper when (R9.1, R9.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField

from app.base.dates import time_text
from app.documents.models import StoredFile
from app.documents.queries import is_unmade
from app.documents.sealing.records import known_certificates
from app.documents.services import UNMADE, make_again
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Equal, OneOf
from app.fab.sending import SendingView, record_of
from app.fab.views import ScopedModelView
from app.workflow import registry
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


class SealedView(ScopedModelView):
    """Every paper that the program made, and by which certificate it was sealed; nothing can be changed here."""

    datamodel = ScopedInterface(StoredFile)
    route_base = "/staff/sealed"
    menu = Entry("sealed", "shield-check", "operations")
    class_permission_name = "sealed_papers"
    base_permissions = ["can_list", "can_export"]
    base_filters = [["id", Where, StoredFile.generated.is_(True)]]
    list_title = _("Papers and their seals")
    search_columns = ["created_at", "workflow", "name", "sealed_by"]
    search_kinds = {"workflow": (OneOf,), "name": (Equal,), "sealed_by": (OneOf,)}
    search_choices = {
        "workflow": lambda: [(flow.name, str(flow.label)) for flow in registry.all_workflows() if flow.papers],
        "sealed_by": lambda: [(one.fingerprint, str(one)) for one in known_certificates()],
    }
    computed = {
        "record": record_of,
        "certificate": lambda row: _certificate_word(row.sealed_by),
        "digest": lambda row: row.sha256.hex(),
    }
    formatters_columns = {"created_at": time_text}
    label_columns = {
        "created_at": _("Kept at"),
        "workflow": _("Workflow"),
        "record": _("Record"),
        "name": _("File"),
        "sealed_by": _("Certificate"),
        "certificate": _("Certificate"),
        "digest": _("SHA-256"),
    }
    list_columns = ["created_at", "record", "name", "certificate", "digest"]
    order_columns = ["id", "created_at"]

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """A line opens nothing: operators do not read agreements here."""
        return {
            "row_urls": {},
            "row_tools": {row.id: "" for row in rows},
            "wide_columns": ["digest"],
            "empty_title": gettext("No paper has been made"),
            "empty_text": gettext("No line fits this search. Please search more widely."),
        }


def _certificate_word(fingerprint: str | None) -> str:
    if fingerprint is None:
        return gettext("Not noted, or not sealed")
    return next((str(one) for one in known_certificates() if one.fingerprint == fingerprint), fingerprint)
