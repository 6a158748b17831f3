"""Notices on the operators' screens: what was sent and what was not, send again, and the words (R10.2)."""

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
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Where
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.notices import services
from app.notices.explanations import CHANNELS, STATUSES, TONES, channel_label, explained, reader_label, status_label
from app.notices.models import NoticeDelivery
from app.notices.template_admin import TemplateView
from app.web.current import current_actor
from app.web.filters import state_markup
from app.workflow import registry
from app.workflow.models import OutboxMessage


def record_of(row: Any) -> str:
    """The case that a notice is about."""
    return f"{registry.get(row.workflow).label} #{row.case_id}" if row.workflow else ""


def status_word(row: Any) -> Markup:
    """The status as a coloured word."""
    return state_markup(status_label(row.status), TONES.get(row.status))


class DeliveryView(ScopedModelView):
    """What went out by WeChat and SMS: queued, sent or failed; try again."""

    datamodel = ScopedInterface(NoticeDelivery)
    route_base = "/staff/deliveries"
    menu = Entry("deliveries", "send", "operations")
    class_permission_name = services.DELIVERIES
    base_permissions = ["can_list", "can_show", "can_export", "can_retry"]
    open_to = (OPERATOR,)
    list_title = _("Notices sent outside")
    show_title = _("A notice sent outside")
    search_columns = ["status", "channel", "at"]
    search_form_extra_fields = {
        "status": SelectField(_("Status"), choices=list(STATUSES.items())),
        "channel": SelectField(_("Channel"), choices=[(name, CHANNELS[name]) for name in ("wechat", "sms", "email")]),
    }
    computed = {
        "notice": lambda row: row.notification.title,
        "words": lambda row: row.notification.text,
        "reader": lambda row: row.notification.account.name if row.notification.account else "",
        "kind": lambda row: reader_label(row.notification.reader),
        "record": lambda row: record_of(row.notification),
        "by": lambda row: channel_label(row.channel),
        "status_word": status_word,
        "problem": explained,
        "where": lambda row: channel_label(row.address) if row.address else _("none"),
        "trouble": lambda row: explained(row) or _("none"),
    }
    list_columns = ["notice", "reader", "by", "status_word", "attempts", "problem", "at"]
    show_columns = [
        *("notice", "words", "reader", "kind", "record", "by", "where"),
        *("status_word", "attempts", "trouble", "receipt", "at"),
    ]
    formatters_columns = {"at": time_text}
    order_columns = ["id", "attempts", "at"]
    label_columns = {
        "notice": _("Notice"),
        "words": _("Text"),
        "reader": _("Reader"),
        "kind": _("Kind of reader"),
        "record": _("Record"),
        "channel": _("Channel"),
        "by": _("Channel"),
        "where": _("Address of the reader"),
        "status": _("Status"),
        "status_word": _("Status"),
        "attempts": _("Tries"),
        "problem": _("Problem"),
        "trouble": _("Problem"),
        "receipt": _("Receipt of the provider"),
        "at": _("Last change"),
    }

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: the permission is named as in the services."""
        return f"can_{name}"

    @action("retry", _("Send again now"), None, "rotate-cw")
    def retry(self, rows: Any) -> Response:
        """Send one or many again now."""
        chosen = rows if isinstance(rows, list) else [rows]
        count = services.retry_deliveries([row.id for row in chosen], actor=current_actor())
        _tell(count)
        return redirect(self.get_redirect())


class UndeliveredView(ScopedModelView):
    """Notices that have not reached an inbox yet, and why; normally none."""

    datamodel = ScopedInterface(OutboxMessage)
    route_base = "/staff/undelivered"
    menu = Entry("undelivered", "inbox", "operations")
    class_permission_name = services.UNDELIVERED
    base_permissions = ["can_list", "can_show", "can_export", "can_retry"]
    open_to = (OPERATOR,)
    base_filters = [["id", Where, services.is_undelivered()]]
    list_title = _("Notices not delivered yet")
    show_title = _("A notice not delivered yet")
    search_columns = ["status", "created_at"]
    search_form_extra_fields = {
        "status": SelectField(_("Status"), choices=[(name, STATUSES[name]) for name in ("queued", "failed")])
    }
    computed = {
        "template": lambda row: services.template_title(row.payload.get("template", "")),
        "record": record_of,
        "status_word": status_word,
    }
    list_columns = ["template", "record", "status_word", "attempts", "last_error", "created_at", "next_attempt_at"]
    show_columns = list_columns
    formatters_columns = dict.fromkeys(("created_at", "next_attempt_at"), time_text)
    order_columns = ["id", "attempts", "created_at"]
    label_columns = {
        "template": _("Notice"),
        "record": _("Record"),
        "status": _("Status"),
        "status_word": _("Status"),
        "attempts": _("Tries"),
        "last_error": _("Technical detail"),
        "created_at": _("Written at"),
        "next_attempt_at": _("Next try at"),
    }

    def get_action_permission_name(self, name: str) -> str:
        """FAB's hook: the permission is named as in the services."""
        return f"can_{name}"

    @action("retry", _("Send again now"), None, "rotate-cw")
    def retry(self, rows: Any) -> Response:
        """Deliver one or many again now."""
        chosen = rows if isinstance(rows, list) else [rows]
        _tell(services.retry_notices([row.id for row in chosen], actor=current_actor()))
        return redirect(self.get_redirect())


def _tell(count: int) -> None:
    if count:
        flash(str(_("%(count)s notices are being sent again.", count=count)), "success")
    else:
        flash(str(_("There is nothing to send again: these notices have been sent.")), "info")


OPENS = (DeliveryView, UndeliveredView, TemplateView)
