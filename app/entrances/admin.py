"""Verification codes on the operators' screens: what was sent, what was not and why (R10.2)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import SelectField

from app.base import clock
from app.base.dates import time_text
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.sending import TONES
from app.fab.views import ScopedModelView
from app.notices.explanations import STATUSES, channel_label, explained, status_label
from app.passcodes.models import VerificationCode
from app.passcodes.services import sent_to, shown_code
from app.passcodes.words import PURPOSES
from app.web.filters import state_markup


def _where(row: VerificationCode) -> str:
    return sent_to(row) if row.address else str(_("nobody: there is no such account"))


def _fate(row: VerificationCode) -> Any:
    if row.used_at is not None:
        return _("used")
    return _("ended") if row.expires_at <= clock.now() else _("waits to be entered")


class CodeView(ScopedModelView):
    """Codes of activation, registration and forgotten passwords; the code itself only where none is really sent."""

    datamodel = ScopedInterface(VerificationCode)
    route_base = "/staff/verification-codes"
    menu = Entry("verification_codes", "mail", "operations")
    class_permission_name = "verification_codes"
    base_permissions = ["can_list", "can_show", "can_export"]
    list_title = _("Verification codes sent")
    show_title = _("A verification code")
    search_columns = ["status", "purpose", "created_at"]
    search_form_extra_fields = {
        "status": SelectField(_("Status"), choices=list(STATUSES.items())),
        "purpose": SelectField(_("Purpose"), choices=list(PURPOSES.items())),
    }
    computed = {
        "what_for": lambda row: PURPOSES[row.purpose],
        "by": lambda row: channel_label(row.channel),
        "where": _where,
        "status_word": lambda row: state_markup(status_label(row.status), TONES.get(row.status)) if row.address else "",
        "problem": explained,
        "fate": _fate,
        "trial": lambda row: (shown_code(row) or "") if row.expires_at > clock.now() else "",
    }
    list_columns = ["what_for", "by", "where", "status_word", "problem", "fate", "trial", "created_at"]
    show_columns = [*list_columns, "tries", "attempts", "receipt", "expires_at"]
    formatters_columns = dict.fromkeys(("created_at", "expires_at"), time_text)
    order_columns = ["id", "created_at"]
    label_columns = {
        "purpose": _("Purpose"),
        "what_for": _("Purpose"),
        "by": _("Channel"),
        "where": _("Address of the reader"),
        "status": _("Status"),
        "status_word": _("Status"),
        "problem": _("Problem"),
        "fate": _("What became of it"),
        "trial": _("Code (trial only)"),
        "created_at": _("Written at"),
        "tries": _("Wrong entries"),
        "attempts": _("Tries"),
        "receipt": _("Receipt of the provider"),
        "expires_at": _("Holds until"),
    }
