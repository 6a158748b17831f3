"""What the bank says reaches the verification."""

from __future__ import annotations

import re

from flask_babel import force_locale, gettext

from app.access.actors import EMPLOYER, SYSTEM
from app.crypto import decrypt
from app.database import session
from app.employers.models import EmployerVerification
from app.errors import AppError
from app.notices import channels
from app.notices.channels.base import Letter
from app.notices.channels.development import DevelopmentChannel
from app.notices.models import Notification
from app.workflow import delivery, engine
from app.workflow.models import OutboxMessage

_REFERENCE = re.compile(r"verification-(\d+)-(\d+)")


@delivery.handler("email_code")
def send_email_code(message: OutboxMessage) -> None:
    """Mail the code; where no mail is configured (the trial) it stands in the user's inbox."""
    code, address = (decrypt(bytes.fromhex(message.payload[name])) for name in ("code", "address"))
    with force_locale("zh"):
        title = gettext("Code for your e-mail address")
        words = gettext("Your code is %(code)s. It is valid for 10 minutes. Do not tell it to anybody.", code=code)
    channel = channels.channel("email")
    if channel is not None and not isinstance(channel, DevelopmentChannel):
        channel.send(Letter(key=f"email-code-{message.id}", to=address, title=title, text=words, url=""))
        return
    session.add(
        Notification(
            user_id=message.payload["user_id"],
            outbox_id=message.id,
            template="email_code",
            reader=EMPLOYER,
            event="email_code",
            title=title,
            text=words,
        )
    )


@delivery.handler("payment_settled")
def hear_of_payment(message: OutboxMessage) -> None:
    """The remittance was made, or the bank could not make it; one that has been overtaken changes nothing."""
    found = _REFERENCE.fullmatch(message.payload["reference"])
    if found is None:
        return
    case = session.get(EmployerVerification, int(found[1]))
    if case is None or case.remittances != int(found[2]) or case.state != "remitting":
        return
    problem = message.payload.get("problem")
    try:
        if not problem:
            engine.fire("verification", case.id, "remitted", actor=SYSTEM)
            return
        with force_locale("zh"):
            words = gettext("The bank could not remit: %(problem)s", problem=problem)
        engine.fire(
            "verification", case.id, "return", actor=SYSTEM, data={"reason": words, "fields": {"account": words[:200]}}
        )
    except AppError:
        return  # an operator was quicker
