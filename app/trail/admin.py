"""审计日志 on the screens of operators, provinces and schools: who did what, when and from where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR, PROVINCE, SCHOOL
from app.access.audit import AuditLine
from app.access.words import KIND_NAMES
from app.base.dates import time_text
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Equal, OneOf
from app.fab.views import ScopedModelView
from app.trail.queries import VIEW
from app.trail.words import ACTIONS, action_label, detail_text, role_label, subject_label

_VERBS = ("can_list", "can_export")
_READERS = (OPERATOR, PROVINCE, SCHOOL)


class AuditAdmin(ScopedModelView):
    """The trail of the reader's own place; operators read all of it. Nothing can be changed here."""

    datamodel = ScopedInterface(AuditLine)
    route_base = "/staff/audit"
    menu = Entry("audit", "eye", "access")
    class_permission_name = VIEW
    base_permissions = list(_VERBS)
    permissions = dict.fromkeys(_VERBS, _READERS)
    open_to = _READERS
    list_title = _("Audit trail")
    search_columns = ["at", "actor", "action", "role", "subject", "source"]
    search_kinds = {"actor": (Equal,), "action": (OneOf,), "role": (OneOf,), "subject": (Equal,), "source": (Equal,)}
    search_choices = {
        "action": lambda: [(name, str(label)) for name, label in ACTIONS.items()],
        "role": lambda: [(kind, str(label)) for kind, label in KIND_NAMES.items()],
    }
    computed = {
        "action_word": lambda line: action_label(line.action),
        "role_word": lambda line: role_label(line.role),
        "subject_word": lambda line: subject_label(line.subject),
        "more": lambda line: detail_text(line.detail),
    }
    label_columns = {
        "at": _("Time"),
        "actor": _("Account"),
        "role": _("Role"),
        "role_word": _("Role"),
        "action": _("What was done"),
        "action_word": _("What was done"),
        "subject": _("To what"),
        "subject_word": _("To what"),
        "source": _("Address on the network"),
        "more": _("Details"),
    }
    list_columns = ["at", "actor", "role_word", "action_word", "subject_word", "source", "more"]
    order_columns = ["id", "at"]
    formatters_columns = {"at": time_text}

    def list_head(self) -> dict[str, Any]:
        """The lines, newest first."""
        lead = gettext(
            "Log-ins and failures, reads and downloads of personal data, exports, changes of accounts, roles and "
            "settings. Lines cannot be changed; they are kept for at least 180 days."
        )
        return {"lead": lead}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """A line opens nothing."""
        return {
            "row_urls": {},
            "row_tools": {row.id: "" for row in rows},
            "numeric_columns": ["source"],
            "wide_columns": ["more"],
            "empty_title": gettext("Nothing was written down"),
            "empty_text": gettext("No line fits this search. Please search more widely."),
        }
