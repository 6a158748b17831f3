"""In whose place a program acts that sends a key."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_, select, update

from app.access.actors import Actor, KeyUse, load_actor
from app.access.api_keys.guards import narrowed
from app.access.api_keys.models import ApiKey
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Forbidden, Unauthenticated

PREFIX: Final = "wqk_"
_SHOWN, _LONGEST_NAME = 32, 64  # signs: as long as names of accounts are, wherever they are kept
_SEEN_EVERY = timedelta(minutes=1)  # so that a busy program does not write a row with each call


def digest_of(key: str) -> bytes:
    """What is kept of a key: it is long and random, so that a quick digest tells nothing of it."""
    return hashlib.sha256(key.encode()).digest()


def actor_by_key(key: str, *, ip: str | None) -> Actor:
    """Who made the key, as they are today, with no more than its scopes.

    Raises Unauthenticated for a key that is unknown, over or of a closed account, Forbidden for a strange address.
    """
    digest, now = digest_of(key), clock.now()
    replaced = and_(ApiKey.old_digest == digest, ApiKey.old_until > now)
    row = session.scalar(select(ApiKey).where(or_(ApiKey.digest == digest, replaced)))
    if row is None:
        raise Unauthenticated()
    actor = acting_by(row, ip=ip)
    if row.addresses and not _comes_from(row.addresses, ip):
        raise Forbidden(_("This API key cannot be used from this address."), "address_not_allowed")
    if row.used_at is None or row.used_at + _SEEN_EVERY <= now or row.used_from != ip:
        with transaction():
            session.execute(update(ApiKey).where(ApiKey.id == row.id).values(used_at=now, used_from=ip))
    return actor


def actor_of_key(key_id: int, *, ip: str | None) -> Actor:
    """The same for work that a key has begun and a worker goes on with; raises Unauthenticated."""
    row = session.get(ApiKey, key_id)
    if row is None:
        raise Unauthenticated()
    return acting_by(row, ip=ip)


def actor_again(user_id: int, key_id: int | None, *, ip: str | None) -> Actor:
    """Who began something, as they are now, for the worker that goes on with it. Raises Unauthenticated."""
    return actor_of_key(key_id, ip=ip) if key_id else load_actor(user_id, ip)


def acting_by(row: ApiKey, *, ip: str | None) -> Actor:
    """The maker with the key's own name and no more than its scopes; raises Unauthenticated when either is over."""
    if row.expires_on < clock.today():
        raise Unauthenticated()
    maker = load_actor(row.user_id, ip)
    use = KeyUse(row.id, row.mark, frozenset(row.scopes))
    name = f"{row.name[:_SHOWN]} ({row.mark}…) · {maker.name}"[:_LONGEST_NAME]
    return replace(maker, name=name, key=use, permissions=narrowed(maker.permissions, row.scopes))


def _comes_from(networks: list[str], ip: str | None) -> bool:
    try:
        address = ip_address(ip or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(one) for one in networks)
