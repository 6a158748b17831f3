"""API keys: the only writers of them. A key is shown once, when it is made or replaced."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.access import audit
from app.access.actors import EMPLOYER, OPERATOR, PROVINCE, SCHOOL, Actor, require
from app.access.api_keys.models import ApiKey
from app.access.api_keys.queries import PREFIX, digest_of
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound
from app.codes.forms import read
from app.machines.keys.forms import KeyForm

VIEW: Final = "api_keys"
KINDS: Final = (OPERATOR, PROVINCE, SCHOOL, EMPLOYER)
OVERLAP: Final = timedelta(hours=24)
_MOST, _YEAR = 50, timedelta(days=365)


def make_key(sent: Mapping[str, Any], *, offered: Collection[str], actor: Actor) -> tuple[ApiKey, str]:
    """A new key of the actor's own account and its text, which is told this once; `offered` are all scopes there are.

    Raises Forbidden, Conflict `too_many_keys`, Invalid.
    """
    require(actor, "can_create", VIEW, kinds=KINDS)
    with transaction():
        if session.scalar(select(func.count()).where(ApiKey.user_id == actor.user_id)) >= _MOST:
            raise Conflict(_("There are %(most)s keys already. Please delete one first.", most=_MOST), "too_many_keys")
        clean = read(KeyForm, sent)
        unknown = [one for one in clean["scopes"] if one not in offered]
        if unknown:
            raise Invalid({"scopes": [_("There is no scope “%(name)s”.", name=one[:64]) for one in unknown]})
        text = _new_text()
        row = ApiKey(
            user_id=actor.user_id,
            name=clean["name"],
            scopes=sorted(set(clean["scopes"])),
            addresses=list(dict.fromkeys(clean.get("addresses") or ())),
            expires_on=clean.get("expires_on") or clock.today() + _YEAR,
            **_kept(text),
        )
        session.add(row)
        session.flush()
        _note("key_made", row, actor, {"scopes": row.scopes, "until": row.expires_on.isoformat()})
    return row, text


def rotate_key(key_id: int, *, actor: Actor) -> tuple[ApiKey, str]:
    """A new text for a key; the one before it lives 24 hours more. Raises NotFound, Forbidden."""
    with transaction():
        row = own_key(key_id, actor=actor)
        require(actor, "can_edit", VIEW, kinds=KINDS)
        text = _new_text()
        row.old_digest, row.old_until = row.digest, clock.now() + OVERLAP
        for name, value in _kept(text).items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        _note("key_rotated", row, actor, {})
    return row, text


def delete_key(key_id: int, *, actor: Actor) -> None:
    """Nobody gets in with it from now on; the trail keeps what it was. Raises NotFound, Forbidden."""
    with transaction():
        row = own_key(key_id, actor=actor)
        require(actor, "can_delete", VIEW, kinds=KINDS)
        _note("key_deleted", row, actor, {"scopes": row.scopes})
        session.delete(row)
        session.flush()


def own_key(key_id: int, *, actor: Actor) -> ApiKey:
    """A key of the actor's own account; raises NotFound."""
    row = session.scalar(select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == actor.user_id))
    if row is None:
        raise NotFound()
    return row


def own_keys(actor: Actor) -> list[ApiKey]:
    """The keys of the actor's own account, newest first."""
    return list(session.scalars(select(ApiKey).where(ApiKey.user_id == actor.user_id).order_by(ApiKey.id.desc())))


def _new_text() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _kept(text: str) -> dict[str, Any]:
    return {"digest": digest_of(text), "mark": text[: len(PREFIX) + 6]}


def _note(action: str, row: ApiKey, actor: Actor, detail: Mapping[str, Any]) -> None:
    audit.record(action, actor=actor, subject=f"{VIEW} {row.id}", detail={"name": row.name, "key": row.mark, **detail})
