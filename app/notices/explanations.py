"""What operators and readers see of a delivery: channel, status and error in plain words."""

from __future__ import annotations

from typing import Any, Protocol

from flask_babel import lazy_gettext as _

from app.base.wording import labelled
from app.notices.channels import declared
from app.notices.ladder import AFTER_FAILURE, AFTER_LOSS, AFTER_SILENCE
from app.notices.models import FAILED, QUEUED, SENT, NoticeDelivery

_SITE = {"site": _("In the site")}
STATUSES = {QUEUED: _("Waiting to be sent"), SENT: _("Sent"), FAILED: _("Not sent")}
LOST, ARRIVED = "undelivered", "delivered"
STANDINGS = {**STATUSES, ARRIVED: _("Arrived on the phone"), LOST: _("Sent, but not arrived")}
READERS = {
    "graduate": _("Graduate"),
    "employer": _("Unit user"),
    "department": _("Department account"),
    "school": _("School account"),
    "province": _("Province account"),
    "operator": _("Operator account"),
}
# What can happen by every channel; what only one knows stands in its own file.
_CAUSES = {
    "no_address": _("The reader has no address for this channel. Nothing can be sent."),
    "too_late": _("The code had ended before it could be sent. The reader can have a new one sent."),
    "no_template": _(
        "The provider's template number is missing. Please fill it in under notice templates, then send again."
    ),
    "bad_template": _("The provider does not know this template number. Please correct it, then send again."),
    "bad_fields": _(
        "The provider does not accept the keywords. Please compare them with its template, then send again."
    ),
    "forbidden_words": _("The provider refuses a word in this message. Please change the text, then send again."),
    "bad_credentials": _("The provider refuses our key. Please check the settings of this channel."),
    "no_credit": _(
        "The account at the provider has no credit or is suspended. Please renew it; sending goes on by itself."
    ),
    "limit_reached": _("The provider's limit is reached. It will be tried again later."),
    "provider_busy": _("The provider is busy. It will be tried again later."),
    "provider_refused": _("The provider refuses for a reason of its own. It will be tried again later."),
    "not_understood": _("The provider's answer could not be understood. It will be tried again later."),
    "unreachable": _("The provider cannot be reached. It will be tried again later."),
    "not_configured": _("This channel is not configured on this server."),
}


_TOOK_OVER = {
    AFTER_FAILURE: _("%(channel)s (after %(before)s had failed)"),
    AFTER_LOSS: _("%(channel)s (what went by %(before)s did not arrive)"),
    AFTER_SILENCE: _("%(channel)s (unread after %(before)s)"),
}


def standing_of(row: NoticeDelivery) -> str:
    """How far a delivery has come, as far as its provider has said."""
    if row.is_lost:
        return LOST
    return ARRIVED if row.status == SENT and row.delivered_at else row.status


def way_of(row: NoticeDelivery) -> Any:
    """The channel of a delivery, and from which it took over."""
    label, words = channel_label(row.channel), _TOOK_OVER.get(row.cause or "")
    before = [one for one in row.notification.deliveries if one.id < row.id]
    return str(words) % {"channel": label, "before": channel_label(before[-1].channel)} if words and before else label


def chain_of(row: NoticeDelivery) -> str:
    """All ways that the notice of a delivery went, in their order, with what became of each."""
    told = ""
    for one in row.notification.deliveries:
        arrow = " → " if one.cause else " · "
        told += f"{arrow if told else ''}{labelled(channel_label(one.channel), status_label(standing_of(one)))}"
    return told


class Failed(Protocol):
    """What keeps the failure of a try: a delivery, a verification code."""

    channel: Any
    error_code: Any
    error_detail: Any


def channel_label(channel: str) -> Any:
    """What people call the channel."""
    known = declared().get(channel)
    return known.label if known else _SITE.get(channel, channel)


def channel_choices() -> list[tuple[str, Any]]:
    """Every channel outside the site with what people call it, for forms and filters."""
    return [(name, one.label) for name, one in declared().items()]


def status_label(status: str) -> Any:
    """What became of the delivery."""
    return STANDINGS.get(status, status)


def reader_label(kind: str) -> Any:
    """What people call a kind of reader."""
    return READERS.get(kind, kind)


def explained(failed: Failed) -> str:
    """The cause of a failed try in plain words; what is not known is shown as it came, nothing where all is well."""
    if failed.error_code is None:
        return ""
    detail = (failed.error_detail or "")[:300]
    own = declared().get(failed.channel)
    cause = (own.causes.get(failed.error_code) if own else None) or _CAUSES.get(failed.error_code)
    if cause is None:
        return str(_("An unexpected error: %(error)s", error=detail or failed.error_code))
    return f"{cause} ({detail})" if detail else str(cause)
