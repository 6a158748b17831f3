"""What the archive office writes down: how and when an archive was sent, who took it, why it came back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.base.values.tracking_numbers import MOST
from app.cases.forms import LONGEST_REASON
from app.codes.forms import Code, Day, FormSchema, Text, Whole
from app.leaving.dispatch.ways import TABLE


class StartForm(FormSchema):
    """Whose archive it is, where the program has not put it on the list by itself."""

    graduate_id = Whole(1, 2**63 - 1, required=True, metadata={"label": _("Graduate")})


class SendForm(FormSchema):
    """How it was sent; a messenger has no number."""

    way = Code(TABLE, required=True, metadata={"label": _("Way of dispatch")})
    sent_on = Day(required=True, metadata={"label": _("Sent on")})
    tracking_number = Text(MOST * 2, load_default="", metadata={"label": _("Tracking number")})


class ReceiveForm(FormSchema):
    """The receipt that has come back."""

    received_on = Day(required=True, metadata={"label": _("Received on")})
    received_by = Text(64, load_default="", metadata={"label": _("Received by")})


class BounceForm(FormSchema):
    """Why the post or the receiver has sent it back."""

    returned_on = Day(required=True, metadata={"label": _("Came back on")})
    reason = Text(LONGEST_REASON, required=True)
