"""Idempotency-Key: the same key and body give the same answer, and what was done is done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, ForeignKey, LargeBinary, SmallInteger, String, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock
from app.base.crypto import blind_index
from app.base.database import Model, session, transaction
from app.base.errors import Conflict, Malformed
from app.base.sealed import EncryptedJson, at

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=2)
Answer = tuple[int, dict[str, Any]]


class IdempotencyKey(Model):
    """What a call with this key was answered; kept for two days, sealed: answers name people."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now, index=True)


def checked_key(key: str | None) -> str | None:
    """The header's value, or None when it was not sent; raises Malformed."""
    if key is None:
        return None
    if not 1 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
        raise Malformed(_("The Idempotency-Key must be 1 to 128 printable ASCII characters."))
    return key


def fingerprint_of(path: str, body: Any) -> bytes:
    """What makes two requests the same: address and body, whatever the order of the fields. Keyed: it tells nothing."""
    text = json.dumps([path, body], sort_keys=True, ensure_ascii=True, default=str)
    return blind_index(hashlib.sha256(text.encode()).hexdigest())


def once(user_id: int, key: str, fingerprint: bytes, produce: Callable[[], Answer]) -> Answer:
    """Answer with `produce()` once, and with the kept answer when the same request comes again.

    The key and what `produce` writes are one transaction: two at the same time wait for each other, and a refusal
    (an exception) keeps nothing, so that it can be tried again. Raises Conflict for the same key with another body.
    """
    with transaction():
        if not _claimed(user_id, key, fingerprint):
            return _kept(user_id, key, fingerprint)
        status, answer = produce()
        mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
        session.execute(update(IdempotencyKey).where(*mine).values(status=status, answer=at(answer, user_id, key)))
    return status, answer


def forget_old_keys() -> int:
    """Remove keys past their time; run by the clock. Returns how many."""
    with transaction():
        query = delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
        return session.execute(query).rowcount


def _claimed(user_id: int, key: str, fingerprint: bytes) -> bool:
    query = (
        insert(IdempotencyKey)
        .values(user_id=user_id, key=key, fingerprint=fingerprint, created_at=clock.now())
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    return session.scalar(query) is not None


def _kept(user_id: int, key: str, fingerprint: bytes) -> Answer:
    query = select(IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.answer).where(
        IdempotencyKey.user_id == user_id, IdempotencyKey.key == key
    )
    row = session.execute(query).one()
    if bytes(row.fingerprint) != fingerprint:
        raise Conflict(
            _("This Idempotency-Key was used for another request. Please use a new key for a new request."),
            "idempotency_key_reused",
        )
    return row.status, row.answer
