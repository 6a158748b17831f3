"""What a person who makes an account types: checked in one place for activation and registration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError

from app.access import throttle
from app.access.passwords import check_password
from app.access.usernames import check_username, is_taken, typed_name
from app.base.errors import Conflict, Invalid, Throttled
from app.passcodes.models import VerificationCode

_NAMES = throttle.Limit("names_of_code", most=10, window=3600, wait=0)  # of others, found out with one code


def check_new_account(username: Any, password: Any) -> tuple[str, str]:
    """User name and password if both can be used; raises Invalid with every problem at its field.

    Whether somebody has the name is not told here: only to who holds the code (refuse_taken).
    """
    errors: dict[str, list[Any]] = {}
    name = typed_name(username) if isinstance(username, str) else ""
    for check in (lambda: check_username(name), lambda: check_password(password, name)):
        try:
            check()
        except Invalid as error:
            errors.update(error.errors)
    if errors:
        raise Invalid(errors)
    return name, password


def refuse_taken(username: str, code: VerificationCode) -> None:
    """Raise Invalid where somebody has this name; told to who holds the code, ten times at most, then Throttled."""
    if not is_taken(username):
        return
    one, wait = throttle.begin(_NAMES, str(code.id))
    if one is None:
        raise Throttled(wait)
    raise Invalid({"username": [_("This user name is taken. Please choose another one.")]})


@contextmanager
def at_most_once(message: Any, code: str) -> Iterator[None]:
    """What the database refuses because somebody was faster is told in words; raises Conflict."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(message, code) from error
