"""What a password must be; the one policy for everybody who sets one, whoever's it is."""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid

LEAST, MOST = 10, 128
LEAST_KINDS = 3
_LEAST_DIFFERENT = 5  # signs of a password that are not the same
_COMMON = Path(__file__).parent / "data" / "common_passwords.txt"
# Signs that people write for letters, so that P@ssw0rd is known for what it is.
_WRITTEN_FOR = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "l", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})
_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_LONGEST_RUN = 6  # of neighbours in one of the rows


def check_password(password: Any, username: str, *, field: str = "password") -> str:
    """The password, if it may be used for this user name; raises Invalid with every reason at `field`.

    At least ten signs of three kinds, not one of those that are tried first, without the user name inside. Called
    wherever a password is set: new accounts, resets, changes, registration.
    """
    reasons = weaknesses(password, username) if isinstance(password, str) else [_("Please fill this in.")]
    if reasons:
        raise Invalid({field: reasons})
    return str(password)


def weaknesses(password: str, username: str) -> list[Any]:
    """Everything that speaks against this password, in the order of what is mended first; [] when it is good."""
    if not password:
        return [_("Please fill this in.")]
    found = []
    if len(password) < LEAST:
        found.append(_("The password needs at least %(least)s characters.", least=LEAST))
    if len(password) > MOST:
        found.append(_("The password may have at most %(most)s characters.", most=MOST))
    if any(ord(sign) < 32 or 0xD800 <= ord(sign) <= 0xDFFF for sign in password):
        found.append(_("The password holds signs that cannot be typed everywhere."))
    if _kinds(password) < LEAST_KINDS:
        found.append(
            _("The password needs at least three of these: small letters, capital letters, digits, other signs.")
        )
    if len(username) > 2 and username.lower() in password.lower():
        found.append(_("The password must not contain the user name."))
    if not found and is_common(password):
        found.append(_("This password is among those that are tried first. Please choose another one."))
    return found


def is_common(password: str) -> bool:
    """Whether it is little more than a word that everybody takes, a row of the keyboard or a few signs repeated."""
    lower = password.lower()
    if len(set(lower)) < _LEAST_DIFFERENT or _longest_run(lower) >= _LONGEST_RUN:
        return True
    edges = re.compile(r"^[^a-z]+|[^a-z]+$")
    readings = {edges.sub("", lower), edges.sub("", lower.translate(_WRITTEN_FOR))}
    readings |= {edges.sub("", edges.sub("", lower).translate(_WRITTEN_FOR))}
    return bool(readings & _common_words())


def _kinds(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum() or not sign.isascii())
    return sum(any(kind(sign) for sign in password) for kind in kinds)


def _longest_run(text: str) -> int:
    """How many neighbours of a keyboard row or the alphabet stand side by side, in either direction."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    longest = length = 1
    for left, right in pairwise(text):
        length = length + 1 if any(left + right in row for row in rows) else 1
        longest = max(longest, length)
    return longest


@lru_cache(maxsize=1)
def _common_words() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def suggest_password() -> str:
    """A strong password that can be read out and typed: for whoever makes an account for somebody else."""
    while True:
        parts = ("".join(secrets.choice(_READABLE) for _sign in range(4)) for _part in range(3))
        password = "-".join(parts)
        if not weaknesses(password, ""):
            return password
