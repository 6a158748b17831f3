"""Log-in by a code to the graduate's own phone, in place of the password (R13.5)."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import GRADUATE
from app.access.lifetimes import why_closed
from app.access.models import Account
from app.access.services import note_login
from app.access.usernames import account_named, typed_name
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Invalid
from app.base.values.phones import is_mobile, normalise_phone
from app.passcodes.asking import refuse_unasked
from app.passcodes.models import LOGIN, VerificationCode
from app.passcodes.services import check_code, issue_code, open_code, use_code


def start_phone_login(username: Any, *, ip: str | None, answer: Any = None) -> VerificationCode:
    """Send a code to the number that the graduate has shown to hold, and to no other; called by strangers.

    Nothing tells whether there is such an account: without one the row is made all the same, and nothing is sent.
    Raises Invalid (nothing typed), Throttled.
    """
    typed = typed_name(username[:128]) if isinstance(username, str) else ""
    if not typed:
        raise Invalid({"username": [_("Please fill this in.")]})
    refuse_unasked(LOGIN, ip, answer)
    account = _account_of_number(typed) or account_named(typed, Account.kind == GRADUATE)
    name = account.user.username if account else typed
    return issue_code(
        LOGIN,
        blind_index(f"login:{name}"),
        account.mobile if account and is_mobile(account.mobile or "") else None,
        reader=GRADUATE,
        ip=ip,
        user_id=account.user_id if account else None,
        key=f"login:{name}",
    )


def _account_of_number(typed: str) -> Account | None:
    """Whose proven number this is. A number that several graduates share, as families do, names none of them."""
    number = normalise_phone(typed)
    if not is_mobile(number):
        return None
    own = (Account.kind == GRADUATE, Account.mobile_index == blind_index(number))
    found = session.scalars(select(Account).join(Account.user).where(*own, User.active).limit(2)).all()
    return found[0] if len(found) == 1 and found[0].mobile == number else None


def finish_phone_login(code_id: int | None, entered: str, *, ip: str | None, answer: Any = None) -> Account:
    """The account to whose phone the code was sent; the code is used up.

    Called by strangers who hold it. Raises Invalid at `code`, Throttled, Forbidden (closed).
    """
    waiting = open_code(code_id, LOGIN)
    code = check_code(code_id, LOGIN, entered, ip=ip, answer=answer)
    query = select(Account).where(Account.user_id == (waiting.user_id if waiting else None), Account.kind == GRADUATE)
    account = session.scalar(query)
    # A number that was changed after the code was sent is no longer proof of anything.
    if account is None or not account.user.active or account.mobile != code.address:
        raise Invalid({"code": [_("This code can no longer be used. Please have a new one sent.")]})
    closed = why_closed(account)
    if closed is not None:
        raise closed
    with transaction():
        use_code(code)
        note_login(account)
    return account
