"""Whoever writes a number onto the roster could be sent a code there: who was reached before hears of it (R1.10)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import exists, select

from app.access.actors import GRADUATE
from app.access.models import Account
from app.base.database import session
from app.base.masks import mask_phone
from app.notices.messages import can_be_sent, post_message
from app.roster.models import Graduate


def open_numbers(graduate_ids: Sequence[int]) -> dict[int, str]:
    """The numbers of those of these graduates who have no account yet: the code that opens it goes there."""
    account = exists().where(Account.person == Graduate.id_number_index)
    query = select(Graduate.id, Graduate.mobile).where(Graduate.id.in_(graduate_ids), ~account)
    return {key: number for key, number in session.execute(query) if number}


def tell_replaced(before: Mapping[int, str], now: Mapping[int, str | None]) -> None:
    """Tell the numbers in whose place others stand now, in the transaction of the change."""
    for graduate_id, number in before.items():
        new = now.get(graduate_id)
        if new and new != number:
            _tell("roster_number_changed", number, new, key=f"roster-number:{graduate_id}:{secrets.token_hex(8)}")


def tell_activated(account: Account, number: str) -> None:
    """Tell every other address that rosters have for the person that the account was opened by this number."""
    query = select(Graduate.mobile, Graduate.email).where(Graduate.id_number_index == account.person)
    others = {address for row in session.execute(query) for address in row if address} - {number}
    for place, address in enumerate(sorted(others)):
        _tell("account_activated", address, number, key=f"activated:{account.id}:{place}")


def _tell(template: str, address: str, number: str, *, key: str) -> None:
    if can_be_sent(address):
        post_message(template, address, {"mobile": mask_phone(number)}, key=key, reader=GRADUATE)
