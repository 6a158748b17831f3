"""Addresses to which something is sent, or at which something is found: e-mail, web, post."""

from __future__ import annotations

import re
from typing import Final

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email
from flask_babel import lazy_gettext as _

from app.base.spelling import compacted, half_width, visible
from app.base.values import Unreadable

_POSTCODE: Final = re.compile(r"[0-9]{6}")
_SCHEME: Final = re.compile(r"(?P<scheme>https?):/{1,2}", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://[^\W_][\w.-]*\.[^\W\d_][\w-]+(?::[0-9]{1,5})?(?:[/?#]\S*)?")


def is_email(value: str) -> bool:
    """Whether `value` is an e-mail address with a domain; whether it is read only a message to it can show."""
    top = value.rpartition(".")[2].lower()
    # Names that nobody can have, such as .invalid, are no mistake of form: lists of others hold them.
    found = _email(f"{value}.example" if top in SPECIAL_USE_DOMAIN_NAMES else value)
    return found is not None and "." in value.rpartition("@")[2]


def plain_email(value: str) -> str | None:
    """The address in the one form in which it is compared, None where no message could be sent to it."""
    found = _email(typed_email(value))
    return found.normalized.lower() if found is not None and found.ascii_email else None


def typed_email(typed: str) -> str:
    """As it was typed, half-width and without what nobody sees."""
    return half_width(visible(typed)).strip()


def read_postcode(typed: str) -> str:
    """Six digits, not all zero; raises Unreadable."""
    code = compacted(typed)
    if not is_postcode(code):
        raise Unreadable(_("A postcode has six digits."))
    return code


def is_postcode(value: str) -> bool:
    """Whether `value` is a postcode: six digits, not all zero."""
    return bool(_POSTCODE.fullmatch(value)) and value != "000000"


def read_web_address(typed: str) -> str:
    """The address with http:// or https:// in front; what was typed without is taken as http://. Raises Unreadable."""
    text = half_width(visible(typed)).strip()
    address = (
        _SCHEME.sub(lambda found: f"{found['scheme'].lower()}://", text, count=1)
        if _SCHEME.match(text)
        else f"http://{text}"
    )
    if not _WEB.fullmatch(address):
        raise Unreadable(_("This is not a web address. Please give it as www.example.com or https://www.example.com."))
    return address


def _email(value: str) -> ValidatedEmail | None:
    try:
        return validate_email(value, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
