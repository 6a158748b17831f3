"""What a user name may look like; the one rule for everybody who chooses one."""

from __future__ import annotations

import re
from typing import Any

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select

from app.access.models import Account
from app.base.crypto import blind_index
from app.base.database import session
from app.base.errors import Invalid
from app.base.spelling import half_width, visible
from app.base.values import id_documents

LEAST, MOST = 4, 64
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*", re.ASCII)


def check_username(username: Any, *, field: str = "username") -> str:
    """The user name, if it can be typed and told apart; raises Invalid at `field`."""
    if not isinstance(username, str) or not username:
        raise Invalid({field: [_("Please fill this in.")]})
    if not LEAST <= len(username) <= MOST:
        raise Invalid({field: [_("A user name has %(least)s to %(most)s characters.", least=LEAST, most=MOST)]})
    if not _PLAIN.fullmatch(username):
        raise Invalid(
            {
                field: [
                    _("A user name begins with a letter or digit and holds only letters, digits and the signs . _ - @")
                ]
            }
        )
    if looks_like_id_number(username):
        raise Invalid({field: [_("An ID number cannot be a user name. Please choose another one.")]})
    return username


def looks_like_id_number(text: str) -> bool:
    """Whether a text typed at the log-in is an ID number; graduates may log in with it."""
    return _ID_NUMBER.fullmatch(text) is not None


def typed_name(text: str) -> str:
    """What was typed at a log-in, in one spelling: an ID number may have spaces inside and stand in full width."""
    number = id_documents.normalise(text)
    return number if looks_like_id_number(number) else half_width(visible(text)).strip().replace("\x00", "")


def account_named(typed: str, *conditions: Any) -> Account | None:
    """Whose account is meant at a log-in: by user name, graduates also by the number of their document.

    No user name may look like an ID number; that of a passport may be somebody's user name, who is then meant.
    """
    if not typed:
        return None
    person = Account.person == blind_index(id_documents.normalise(typed))
    named = person if looks_like_id_number(typed) else or_(User.username == typed, person)
    query = select(Account).join(User, User.id == Account.user_id).where(named, User.active, *conditions)
    return session.scalars(query.order_by((User.username == typed).desc()).limit(1)).first()


def is_taken(username: str) -> bool:
    """Whether somebody has this user name; capital and small letters count as the same."""
    return session.scalar(select(User.id).where(func.lower(User.username) == username.lower())) is not None
