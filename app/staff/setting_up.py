"""The link by which the person behind an account of staff sets the own password: where it goes, and what is told of it."""

from __future__ import annotations

import secrets

from flask_babel import lazy_gettext as _

from app.access import audit, setup_links
from app.access.actors import SCHOOL, Actor
from app.access.models import Account
from app.base.dates import time_text
from app.base.errors import Conflict
from app.base.masks import mask_address
from app.notices.links import public_address
from app.notices.messages import is_really_sent, post_message

SENT = "setup_link"


def contact_of(account: Account) -> str | None:
    """The person's own mobile number or e-mail address, None where the account was made without."""
    return account.mobile or account.email


def send_link(account: Account, *, actor: Actor) -> None:
    """Leave the message with the link for the workers, in the caller's transaction, who has checked that it may go.

    Raises Conflict `no_address`, `channel_missing`.
    """
    address = contact_of(account)
    if address is None:
        raise Conflict(
            _("This account has neither a mobile number nor an e-mail address of its own. Please call the person."),
            "no_address",
        )
    token, until = setup_links.token_for(account)
    facts = {"username": account.user.username, "date": time_text(until)}
    post_message(
        "account_setup",
        address,
        facts,
        key=f"account_setup:{secrets.token_hex(12)}",
        secrets={"url": _address(token)},
        until=until,
        reader=SCHOOL,
    )
    detail = {"sent_to": mask_address(address)}
    audit.record(SENT, actor=actor, subject=account.user.username, detail=detail, about=account)


def shown_link(account: Account) -> str | None:
    """The link where a development channel stands in for the provider; never where it is really sent."""
    address = contact_of(account)
    return None if address is None or is_really_sent(address) else _address(setup_links.token_for(account)[0])


def _address(token: str) -> str:
    return public_address(f"/set-up/{token}")
