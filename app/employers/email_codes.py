"""The e-mail address of a unit's user is proved with a code, as every other address is (R5.1)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.crypto import blind_index
from app.base.errors import Forbidden, Invalid
from app.codes.validators import is_email
from app.passcodes.models import CONTACT, VerificationCode
from app.passcodes.services import check_code, issue_code, open_code_of

_LONGEST = 128  # as the column; longer ones are no address and cost no look-up


def send_code(address: Any, *, actor: Actor) -> VerificationCode:
    """Send a code to the address the user wants to give.

    Called by users of units for themselves. Raises Forbidden, Invalid at `email`, Throttled, Conflict
    `channel_missing`.
    """
    if actor.kind != EMPLOYER:
        raise Forbidden()
    plain = address.strip()[:_LONGEST] if isinstance(address, str) else ""
    if not is_email(plain):
        raise Invalid({"email": [_("Please give an e-mail address.")]})
    return issue_code(
        CONTACT,
        _subject(actor),
        plain,
        reader=EMPLOYER,
        ip=actor.ip,
        user_id=actor.user_id,
        key=f"user:{actor.user_id}",
    )


def checked_code(address: str, entered: str, *, actor: Actor) -> VerificationCode:
    """The code that was sent to this address, if it is the one entered; use_code() uses it up.

    Called outside any transaction, so that a wrong try counts. Raises Invalid at `email_code`.
    """
    row = open_code_of(CONTACT, _subject(actor))
    if row is None or row.address != address or not entered.strip():
        raise Invalid(
            {"email_code": [_("Please give the code that was sent to this address. It is valid for 10 minutes.")]}
        )
    try:
        return check_code(row.id, CONTACT, entered)
    except Invalid as error:
        raise Invalid({"email_code": list(error.errors["code"])}) from None


def _subject(actor: Actor) -> bytes:
    return blind_index(f"contact:{actor.user_id}")
