"""Codes that prove an e-mail address of a unit's user (R5.1): ten minutes, five tries, one a minute."""

from __future__ import annotations

import hmac
import secrets

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validate

from app.access.actors import EMPLOYER, Actor
from app.crypto import blind_index, encrypt
from app.database import transaction
from app.errors import Forbidden, Invalid, Throttled
from app.workflow import outbox
from app.workflow.queues import redis

LIFETIME = 600
PAUSE = 60
MOST_TRIES = 5
_is_email = validate.Email()


def send_code(address: str, *, actor: Actor) -> None:
    """Send a code to the address the user wants to give. Raises Forbidden, Invalid, Throttled (one a minute)."""
    if actor.kind != EMPLOYER:
        raise Forbidden()
    address = address.strip()
    try:
        _is_email(address)
    except ValidationError:
        raise Invalid({"email": [_("Please give an e-mail address.")]}) from None
    if not redis().set(f"email-code:pause:{actor.user_id}", 1, nx=True, ex=PAUSE):
        raise Throttled(PAUSE, _("A code was sent less than a minute ago. Please look at your mail first."))
    code = f"{secrets.randbelow(10**6):06d}"
    place = _place(actor.user_id or 0, address)
    redis().delete(f"{place}:tries")
    redis().set(place, _digest(place, code), ex=LIFETIME)
    payload = {"user_id": actor.user_id, "address": encrypt(address).hex(), "code": encrypt(code).hex()}
    with transaction():
        outbox.post("email_code", payload, key=f"email-code:{secrets.token_hex(12)}")


def check_code(user_id: int, address: str, code: str) -> None:
    """Use the code up; raises Invalid at `email_code` when it is not the one that was sent to this address."""
    place = _place(user_id, address)
    kept = redis().get(place)
    tries = redis().incr(f"{place}:tries")
    redis().expire(f"{place}:tries", LIFETIME)
    wanted = kept.decode() if isinstance(kept, bytes) else ""
    right = hmac.compare_digest(_digest(place, code.strip()), wanted)
    if kept is None or tries > MOST_TRIES or not right:
        raise Invalid(
            {"email_code": [_("Please give the code that was sent to this address. It is valid for 10 minutes.")]}
        )
    redis().delete(place)


def _place(user_id: int, address: str) -> str:
    return f"email-code:{user_id}:{blind_index(address).hex()}"


def _digest(place: str, code: str) -> str:
    return blind_index(f"{place}:{code}").hex()
