"""网签授权书: the letter by which a unit authorises its user, as a PDF to print and stamp (R5.3)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.base import clock
from app.base.clock import SHANGHAI
from app.documents.agreement import check_printable
from app.documents.typefaces import for_letter
from app.documents.words import TITLES
from app.employers.models import EmployerUser
from app.notices.links import public_address

_TEMPLATES = Path(__file__).parents[1] / "templates" / "employers"
_NAMES = ("name", "uscc", "address")
_LETTER = re.compile(r"SQ\d{8}-[0-9A-F]{8}")
_PERSON = ("name", "department", "post", "work_phone", "mobile", "email")


def authorization_letter(unit: Mapping[str, Any], person: Mapping[str, Any]) -> bytes:
    """The letter with what is known filled in and lines to write on for the rest; its number follows from its words.

    The number stands in a code on it, so that the picture of the stamped letter can be told from one of another.

    Raises UnprintableText or DocumentRejected as an agreement does.
    """
    # As with agreements: a web process that makes none spares the PDF libraries.
    from app.documents.readback import accept
    from app.documents.typesetting import typeset

    facts = _said(unit, person)
    check_printable({"employer": facts["unit"], "confirmations": facts["person"]})
    now = clock.now().astimezone(SHANGHAI).replace(microsecond=0)
    number = _number(facts, f"{now:%Y%m%d}")
    code = segno.make(public_address(f"/verify?number={number}"), error="m", micro=False)
    picture = code.png_data_uri(scale=8, border=0)
    html = (
        _environment().get_template("authorization.html").render(**facts, number=number, day=now.date(), code=picture)
    )
    pdf = typeset(html, title=f"{TITLES['authorization']} {number}", made_at=now)
    accept(pdf, html)
    return pdf


def letter_facts(person: EmployerUser | None) -> dict[str, Any]:
    """What the letter says of a user."""
    return {name: getattr(person, name, None) or "" for name in _PERSON}


def says_this(number: str, unit: Mapping[str, Any], person: Mapping[str, Any]) -> bool:
    """Whether the letter of this number was printed from just these words."""
    return is_letter_number(number) and number == _number(_said(unit, person), number[2:10])


def is_letter_number(number: str) -> bool:
    """Whether a number has the form of a letter's."""
    return _LETTER.fullmatch(number) is not None


def _said(unit: Mapping[str, Any], person: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        "unit": {name: for_letter(str(unit.get(name) or "")) for name in _NAMES},
        "person": {name: for_letter(str(person.get(name) or "")) for name in _PERSON},
    }


def _number(facts: Mapping[str, Any], day: str) -> str:
    said = hashlib.sha256(json.dumps([facts, day], sort_keys=True).encode()).hexdigest()
    return f"SQ{day}-{said[:8].upper()}"


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
