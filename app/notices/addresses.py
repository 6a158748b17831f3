"""Where people can be reached outside the site: numbers and addresses as typed, as known, as bound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Table, select

from app.access.models import Account
from app.base.crypto import blind_index
from app.base.database import Model, session
from app.base.errors import Invalid
from app.base.values.addresses import plain_email, typed_email
from app.base.values.phones import is_mobile, normalise_phone
from app.notices.models import ChannelAddress


def read_address(text: Any, *, field: str = "address") -> str:
    """A mobile number or an e-mail address in its plain form; raises Invalid."""
    typed = typed_email(text) if isinstance(text, str) else ""
    if not typed:
        raise Invalid({field: [_("Please fill this in.")]})
    if "@" not in typed:
        number = normalise_phone(typed)
        if not is_mobile(number):
            raise Invalid({field: [_("Please give a mobile number of 11 digits or an e-mail address.")]})
        return number
    address = plain_email(typed)
    if address is None or len(address) > 128:
        raise Invalid({field: [_("This is not an e-mail address. Please check it.")]})
    return address


def mobiles_of(user_ids: Sequence[int]) -> dict[int, str]:
    """The mobile numbers of these users: a graduate's from the newest roster row, a unit's user from its details.

    The tables belong to rooms above this one and are named, not imported, as in app.access.actors.
    """
    return {**_of_graduates(user_ids), **_of_employer_users(user_ids)}


def _table(name: str) -> Table:
    return Model.metadata.tables[name]


def emails_of(user_ids: Sequence[int]) -> dict[int, str]:
    """The e-mail addresses of these users, from the same places."""
    return {**_of_graduates(user_ids, "email"), **_of_employer_users(user_ids, "email")}


def _of_graduates(user_ids: Sequence[int], column: str = "mobile") -> dict[int, str]:
    """What the graduate has confirmed, before what the newest roster row says."""
    graduates, confirmed = _table("graduates"), getattr(Account, column)
    query = (
        select(Account.user_id, graduates.c[column].label("address"))
        .join(graduates, graduates.c.id_number_index == Account.person)
        .where(Account.user_id.in_(user_ids), graduates.c[column].is_not(None))
        .order_by(graduates.c.cohort, graduates.c.id)  # the newest is written last
    )
    found = {row.user_id: row.address for row in session.execute(query)}
    own = select(Account.user_id, confirmed.label("address")).where(
        Account.user_id.in_(user_ids), confirmed.is_not(None)
    )
    return {**found, **{row.user_id: row.address for row in session.execute(own)}}


def _of_employer_users(user_ids: Sequence[int], column: str = "mobile") -> dict[int, str]:
    users = _table("employer_users")
    query = select(users.c.user_id, users.c[column].label("address")).where(
        users.c.user_id.in_(user_ids), users.c[column].is_not(None)
    )
    return {row.user_id: row.address for row in session.execute(query)}


def channels_bound_by(user_id: int) -> dict[str, bool]:
    """The channels that a user has bound, and whether the binding can open the account."""
    columns = (ChannelAddress.channel, ChannelAddress.address_index.is_not(None))
    query = select(*columns).where(ChannelAddress.user_id == user_id)
    return dict(session.execute(query).tuples().all())


def index_of(channel: str, address: str) -> bytes:
    """By what a bound address is found again."""
    return blind_index(f"channel:{channel}:{address}")


def users_bound_to(channel: str, address: str) -> list[int]:
    """Who has bound this very address themselves, since bindings open accounts."""
    found = (ChannelAddress.channel == channel, ChannelAddress.address_index == index_of(channel, address))
    return [row.user_id for row in session.scalars(select(ChannelAddress).where(*found)) if row.address == address]


def own_bindings(user_id: int, *, until: datetime) -> dict[str, str]:
    """The addresses that this user, and nobody beside, has bound as a way into the account, those from before `until`."""
    own = (
        ChannelAddress.user_id == user_id,
        ChannelAddress.bound_at <= until,
        ChannelAddress.address_index.is_not(None),
    )
    rows = session.scalars(select(ChannelAddress).where(*own)).all()
    return {row.channel: row.address for row in rows if users_bound_to(row.channel, row.address) == [user_id]}


def bound_addresses(channel: str, user_ids: Sequence[int]) -> dict[int, str]:
    """The addresses that these users have bound for a channel."""
    query = select(ChannelAddress).where(ChannelAddress.channel == channel, ChannelAddress.user_id.in_(user_ids))
    return {row.user_id: row.address for row in session.scalars(query)}
