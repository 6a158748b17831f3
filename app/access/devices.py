"""Devices by which an account has been used: known ones are not held up, new ones are told to the person (R1.1)."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actors import DEPARTMENT, Actor
from app.access.models import Account
from app.base import clock
from app.base.database import Model, session, transaction
from app.base.dates import time_text
from app.base.kept import Kept
from app.workflow import outbox

NOTICE = "personal"  # the kind of message that the notices deliver
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("HuaweiBrowser", "Huawei"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class KnownDevice(Model):
    """By what a device of an account is known again: the digest of its cookie, or of its address and name together."""

    __tablename__ = "known_devices"
    __table_args__ = (UniqueConstraint("user_id", "mark"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    mark: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    by_cookie: Mapped[bool] = mapped_column(default=False, server_default=false())  # one browser, not a place of many
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now)


def new_cookie() -> str:
    """What a browser without one is given; 192 random bits, of which only the digest is kept."""
    return secrets.token_urlsafe(24)


def mark_of(cookie: str) -> bytes:
    """By what a browser with this cookie is known."""
    return _digest(f"cookie:{cookie}")


def at_hand_of(actor: Actor) -> frozenset[int]:
    """The users of the school's departments who have used the actor's browser, or who are reached where the actor is.

    A browser is known by its cookie alone: behind one address sits a whole school, and programs have none.
    """
    own = {"user": actor.user_id, "school": actor.school_id, "mark": actor.device}  # nothing is equal to no device
    rows = _people_at_hand().rows(own)
    contacts = {one for row in rows if row[0] == actor.user_id for one in row[1:3] if one}
    return frozenset(
        user_id
        for user_id, mobile, email, shared in rows
        if user_id != actor.user_id and (shared or contacts & {mobile, email})
    )


@cache
def _people_at_hand() -> Kept:
    """Put together once: every list of a school asks."""
    used = (KnownDevice.user_id == Account.user_id, KnownDevice.mark == bindparam("mark"))
    departments = and_(Account.school_id == bindparam("school"), Account.kind == DEPARTMENT)
    query = select(Account.user_id, Account.mobile, Account.email, exists().where(*used))
    return Kept(query.where(or_(departments, Account.user_id == bindparam("user"))))


def known_mark(user_id: int, cookie: str | None) -> str | None:
    """The mark of a device whose cookie this account knows, else None."""
    if not cookie:
        return None
    mark = mark_of(cookie)
    query = select(KnownDevice.id).where(KnownDevice.user_id == user_id, KnownDevice.mark == mark)
    return mark.hex()[:32] if session.scalar(query) is not None else None


def note_device(account: Account, *, cookie: str | None, ip: str | None, agent: str | None) -> None:
    """Know this device from now on, and tell the account's person when it is a new one; called at each log-in.

    The very first device of an account is told to nobody: there is nothing it could be a stranger to.
    """
    marks = {_digest(f"place:{ip}:{agent}"): False, **({mark_of(cookie): True} if cookie else {})}
    with transaction():
        own = KnownDevice.user_id == account.user_id
        known = session.scalars(select(KnownDevice.mark).where(own, KnownDevice.mark.in_(marks)).limit(1)).first()
        others = known is None and session.scalar(select(KnownDevice.id).where(own).limit(1)) is not None
        rows = [
            {"user_id": account.user_id, "mark": mark, "by_cookie": browser, "seen_at": clock.now()}
            for mark, browser in marks.items()
        ]
        kept = insert(KnownDevice).values(rows)
        told = kept.excluded.by_cookie  # marks from before there was the column learn what they are
        session.execute(
            kept.on_conflict_do_update(
                index_elements=("user_id", "mark"), set_={"by_cookie": told}, where=KnownDevice.by_cookie != told
            )
        )
        if others:
            _tell(account, ip, agent)


def device_name(agent: str | None) -> str:
    """Browser and system, as far as the browser tells them; "" when it does not."""
    text = agent or ""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}", text)), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    return " · ".join(part for part in (browser, system) if part)


def _tell(account: Account, ip: str | None, agent: str | None) -> None:
    facts = {
        "device": device_name(agent) or (agent or "")[:40] or "-",
        "address": ip or "-",
        "date": time_text(clock.now()),
    }
    tell(account, "new_device", facts)


def tell(account: Account, template: str, facts: dict[str, str]) -> None:
    """Leave a notice about the account for its own person, in the running transaction."""
    payload = {"template": template, "user_id": account.user_id, "reader": account.kind, "facts": facts}
    outbox.post(NOTICE, payload, key=f"{template}:{secrets.token_hex(12)}")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
