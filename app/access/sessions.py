"""Log-in sessions as rows: what a cookie or a token carries can be revoked on the server."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, String, bindparam, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.access import audit
from app.access.actors import Actor, accounts_of_actors, actor_behind, load_actor
from app.base import clock
from app.base.database import Model, session, transaction
from app.base.errors import Unauthenticated
from app.base.kept import Kept

_SEEN_EVERY = timedelta(minutes=1)  # so that reading pages does not write a row each time


class LoginSession(Model):
    """One log-in by one door; the token itself is not stored, only its digest."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    door: Mapped[str] = mapped_column(String(16))
    ip: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(256))  # what the browser or program calls itself
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now)
    device: Mapped[bytes | None] = mapped_column(LargeBinary)  # the mark of the one browser where it works (devices.py)
    idle_seconds: Mapped[int | None]
    refresh_id: Mapped[str | None] = mapped_column(String(64))  # of the one refresh token that can still be used
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    @property
    def handle(self) -> str:
        """By what the owner names it; worth nothing as a token."""
        return bytes(self.token_hash).hex()[:16]


# Plain columns: asked at every request, and of a session only `seen_at` ever changes.
_ASKED = (
    LoginSession.id.label("session_id"),
    LoginSession.user_id.label("session_user"),
    *(LoginSession.seen_at, LoginSession.idle_seconds, LoginSession.expires_at),
    LoginSession.device.label("browser"),
)
_OF_TOKEN = LoginSession.token_hash == bindparam("digest")
_ROW = Kept(select(*_ASKED).where(_OF_TOKEN))


@cache
def _with_account() -> Kept:
    query = accounts_of_actors().add_columns(*_ASKED)
    return Kept(query.join(LoginSession, LoginSession.user_id == User.id).where(_OF_TOKEN))


def _is_idle(row: Any, now: datetime) -> bool:
    return row.idle_seconds is not None and row.seen_at + timedelta(seconds=row.idle_seconds) <= now


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def open_session(
    user_id: int,
    *,
    door: str,
    ip: str | None,
    lifetime: timedelta,
    idle: timedelta | None = None,
    agent: str | None = None,
    most: int | None = None,
    device: bytes | None = None,
    way: str = "",
) -> str:
    """Write a new session and return its token, which is shown this once; called after authenticate().

    Of more than `most` by this door the longest unused end. `device`: it works in the browser of this mark alone.
    `way`: by what the person was known, where it was no password or code of ours.
    """
    token = secrets.token_urlsafe(32)
    with transaction():
        if most is not None:
            _end_oldest(user_id, door, most - 1)
        detail = {"door": door, "agent": (agent or "")[:256], **({"way": way} if way else {})}
        audit.record(audit.LOGIN, actor=load_actor(user_id, ip), detail=detail)
        session.add(
            LoginSession(
                token_hash=_digest(token),
                user_id=user_id,
                door=door,
                ip=ip,
                agent=agent[:256] if agent else None,
                device=device,
                idle_seconds=int(idle.total_seconds()) if idle else None,
                expires_at=clock.now() + lifetime,
            )
        )
    return token


def user_of(token: str, device: bytes | None = None) -> int | None:
    """The user of a session that is neither revoked, nor too old, nor idle for too long; notes that it was used.

    One that is bound to a browser lets nobody in elsewhere: `device` is the mark of the browser that asks.
    """
    row = _ROW.first({"digest": _digest(token)})
    return row.session_user if _lets_in(row, device) else None


def actor_of(token: str, device: bytes | None = None, ip: str | None = None) -> Actor | None:
    """The actor of such a session, with the same statement; None where the session lets nobody in.

    Raises Unauthenticated for an account that is switched off or closed.
    """
    row = _with_account().first({"digest": _digest(token)})
    return actor_behind(row, ip, device) if _lets_in(row, device) else None


def _lets_in(row: Any, device: bytes | None) -> bool:
    """Whether the session still lets its user in; notes that it was used."""
    now = clock.now()
    if row is None or row.expires_at <= now or _is_idle(row, now) or row.browser not in (None, device):
        return False
    if row.seen_at + _SEEN_EVERY <= now:
        with transaction(aside=True):
            session.execute(update(LoginSession).where(LoginSession.id == row.session_id).values(seen_at=now))
    return True


def begin_refreshing(token: str, refresh_id: str) -> None:
    """Note which refresh token belongs to the session; called at the log-in of a program."""
    with transaction():
        own = LoginSession.token_hash == _digest(token)
        session.execute(update(LoginSession).where(own).values(refresh_id=refresh_id))


def rotate(token: str, used: str, new: str) -> bool:
    """Put a new refresh token in the place of the one that was used; whether it could still be used.

    Used a second time, it is in two hands: the session ends.
    """
    with transaction():
        own = LoginSession.token_hash == _digest(token)
        fits = or_(LoginSession.refresh_id == used, LoginSession.refresh_id.is_(None))  # none: from before they rotated
        if session.execute(update(LoginSession).where(own, fits).values(refresh_id=new)).rowcount:
            return True
        session.execute(delete(LoginSession).where(own))
    return False


def _end_oldest(user_id: int, door: str, kept: int) -> None:
    own = (LoginSession.user_id == user_id, LoginSession.door == door)
    old = select(LoginSession.id).where(*own).order_by(LoginSession.seen_at.desc(), LoginSession.id.desc()).offset(kept)
    session.execute(delete(LoginSession).where(LoginSession.id.in_(old)))


def end_session(token: str, *, ip: str | None = None) -> None:
    """Log out: the token is worth nothing from now on."""
    gone = delete(LoginSession).where(LoginSession.token_hash == _digest(token)).returning(LoginSession.user_id)
    with transaction():
        user_id = session.scalar(gone)
        if user_id is not None:
            with suppress(Unauthenticated):  # switched off meanwhile
                audit.record(audit.LOGOUT, actor=load_actor(user_id, ip))


def end_sessions_of(user_id: int, *, except_token: str | None = None) -> int:
    """Revoke all sessions of a user, e.g. when the password or the role changes; returns how many."""
    query = delete(LoginSession).where(LoginSession.user_id == user_id)
    if except_token:
        query = query.where(LoginSession.token_hash != _digest(except_token))
    with transaction():
        return session.execute(query).rowcount


def sessions_of(user_id: int, *, current: str | None = None) -> list[tuple[LoginSession, bool]]:
    """The sessions by which a user is logged in now, newest first, each with whether it is the one of `current`."""
    now = clock.now()
    query = select(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at > now)
    own = _digest(current) if current else b""
    rows = session.scalars(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc()))
    return [(row, bytes(row.token_hash) == own) for row in rows if not _is_idle(row, now)]


def end_one_of(user_id: int, handle: str) -> bool:
    """Revoke the user's session of this handle; whether there was one. Sessions of others are never touched."""
    with transaction():
        for row, _current in sessions_of(user_id):
            if row.handle == handle:
                session.execute(delete(LoginSession).where(LoginSession.id == row.id))
                return True
    return False


def forget_old_sessions() -> int:
    """Remove rows that no longer let anybody in; run by the clock. Returns how many."""
    with transaction():
        return session.execute(delete(LoginSession).where(LoginSession.expires_at <= clock.now())).rowcount
