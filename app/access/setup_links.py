"""Set-up links: by one the person behind an account of staff sets the own password, so that nobody else ever knew one.

Nothing is kept of a link: it names the account, its last moment and the password in whose place it was sent, all
sealed. The first password that is set ends it, and so does every newer link.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from app.access.accounts import hash_password
from app.access.models import Account
from app.access.passwords import suggest_password
from app.base import clock
from app.base.crypto import NotSealed, blind_index, open_sealed, seal
from app.base.database import session
from app.base.datakeys import UnknownKey

VALID: Final = timedelta(days=3)
_KIND = "set-up"
_PLACE: Final = b"a set-up link"  # other sealed texts of the platform are no links
_LONGEST = 1024


def unknown_password() -> str:
    """The digest of a password that is told to nobody; whoever has the account sets an own one by a link."""
    return hash_password(suggest_password())


def token_for(account: Account) -> tuple[str, datetime]:
    """What stands in the link, and until when it holds; the account keeps the password that it has now."""
    until = clock.now() + VALID
    text = json.dumps([account.user_id, until.timestamp(), _mark(account)])
    return base64.urlsafe_b64encode(seal(text.encode(), _PLACE)).decode().rstrip("="), until


def account_behind(token: str, *, lock: bool = False) -> Account | None:
    """The account of a link that still holds, None when it is over, was used or was never one."""
    found = _read(token)
    if found is None:
        return None
    user_id, until, mark = found
    query = select(Account).where(Account.user_id == user_id)
    if lock:
        query = query.with_for_update(of=Account).execution_options(populate_existing=True)
    account = session.scalar(query)
    if account is None or not account.user.active or until <= clock.now().timestamp() or mark != _mark(account):
        return None
    return account


def _read(token: str) -> tuple[int, float, str] | None:
    try:
        padded = token[:_LONGEST] + "=" * (-len(token[:_LONGEST]) % 4)
        user_id, until, mark = json.loads(open_sealed(base64.urlsafe_b64decode(padded.encode("ascii")), _PLACE))
    except (InvalidTag, NotSealed, UnknownKey, ValueError, TypeError, IndexError, binascii.Error):
        return None
    return int(user_id), float(until), str(mark)


def _mark(account: Account) -> str:
    return blind_index(f"{_KIND}:{account.user.password}").hex()
