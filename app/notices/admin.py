"""Notices on the operators' screens: what was sent and what was not, send again, and the words (R10.2)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, union
from wtforms import SelectField

from app.access.actors import GRADUATE
from app.access.models import Account
from app.base.dates import time_text
from app.codes.students import AboutStudent, students_called
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import SearchFilter, as_text, escaped
from app.fab.sending import SendingView, record_of
from app.notices import services
from app.notices.explanations import (
    STANDINGS,
    STATUSES,
    chain_of,
    channel_choices,
    channel_label,
    explained,
    reader_label,
    standing_of,
    way_of,
)
from app.notices.models import NoticeDelivery, Notification
from app.notices.template_admin import TemplateView
from app.workflow.models import OutboxMessage


class ToReader(SearchFilter):
    """The notice went to the student of this name or number, or to the account of staff or of a unit so called."""

    name, arg_name = _("contains"), "ct"

    def condition(self, value: Any) -> Any:
        """Notices by their readers' inboxes, accounts by the person they belong to."""
        said = as_text(value)
        students = Account.person.in_(students_called(said, "id_number_index"))
        others = (Account.kind != GRADUATE) & Account.name.like(f"%{escaped(said)}%", escape="\\")
        readers = union(select(Account.user_id).where(students), select(Account.user_id).where(others))
        return self.model.notification_id.in_(select(Notification.id).where(Notification.user_id.in_(readers)))


class DeliveryView(SendingView):
    """What went out by the channels outside the site: queued, sent or failed; try again."""

    datamodel = ScopedInterface(NoticeDelivery)
    route_base = "/staff/deliveries"
    menu = Entry("deliveries", "send", "operations")
    class_permission_name = services.DELIVERIES
    list_title = _("Notices sent outside")
    show_title = _("A notice sent outside")
    search_columns = ["reader", "status", "channel", "at"]
    search_kinds = {"reader": (ToReader,)}
    search_form_extra_fields = {
        "status": SelectField(_("Status"), choices=list(STATUSES.items())),
        "channel": SelectField(_("Channel"), choices=channel_choices),
    }
    statuses = STANDINGS
    standing = staticmethod(standing_of)
    computed = {
        "notice": lambda row: row.notification.title,
        "words": lambda row: row.notification.text,
        "reader": lambda row: row.notification.account.name if row.notification.account else "",
        "kind": lambda row: reader_label(row.notification.reader),
        "record": lambda row: record_of(row.notification),
        "by": way_of,
        "chain": chain_of,
        "problem": explained,
        "where": lambda row: channel_label(row.address) if row.address else _("none"),
        "arrived": lambda row: time_text(row.delivered_at) if row.delivered_at else _("not told by the provider"),
        "trouble": lambda row: explained(row) or _("none"),
    }
    list_columns = ["notice", "reader", "by", "status_word", "attempts", "problem", "at"]
    show_columns = [
        *("notice", "words", "reader", "kind", "record", "by", "chain", "where"),
        *("status_word", "attempts", "trouble", "receipt", "arrived", "at"),
    ]
    order_columns = ["id", "attempts", "at"]
    label_columns = {
        "notice": _("Notice"),
        "words": _("Text"),
        "reader": _("Reader"),
        "kind": _("Kind of reader"),
        "channel": _("Channel"),
        "by": _("Channel"),
        "chain": _("All ways of this notice"),
        "where": _("Address of the reader"),
        "trouble": _("Problem"),
        "receipt": _("Receipt of the provider"),
        "arrived": _("Arrived at"),
        "at": _("Last change"),
    }
    send_again = staticmethod(services.retry_deliveries)


class UndeliveredView(SendingView):
    """Notices that have not reached an inbox yet, and why; normally none."""

    datamodel = ScopedInterface(OutboxMessage)
    route_base = "/staff/undelivered"
    menu = Entry("undelivered", "inbox", "operations")
    class_permission_name = services.UNDELIVERED
    base_filters = [["id", Where, services.is_undelivered()]]
    list_title = _("Notices not delivered yet")
    show_title = _("A notice not delivered yet")
    search_columns = ["student", "status", "created_at"]
    search_kinds = {"student": (AboutStudent,)}
    search_form_extra_fields = {
        "status": SelectField(_("Status"), choices=[(name, STATUSES[name]) for name in ("queued", "failed")])
    }
    statuses = STATUSES
    computed = {
        "template": lambda row: services.template_title(row.payload.get("template", "")),
    }
    list_columns = ["template", "record", "status_word", "attempts", "last_error", "created_at", "next_attempt_at"]
    show_columns = list_columns
    order_columns = ["id", "attempts", "created_at"]
    label_columns = {"student": _("Student (name or number)"), "template": _("Notice")}
    send_again = staticmethod(services.retry_notices)


OPENS = (DeliveryView, UndeliveredView, TemplateView)
