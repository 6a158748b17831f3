"""网签授权书: the letter by which a unit authorises its user, as a PDF to print and stamp (R5.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.base import clock
from app.base.clock import SHANGHAI
from app.documents.agreement import check_printable
from app.documents.typefaces import clean
from app.documents.words import TITLES

_TEMPLATES = Path(__file__).parents[1] / "templates" / "employers"
_NAMES = ("name", "uscc", "address")
_PERSON = ("name", "department", "post", "work_phone", "mobile", "email")


def authorization_letter(unit: Mapping[str, Any], person: Mapping[str, Any]) -> bytes:
    """The letter with what is known filled in and lines to write on for the rest; its number follows from its words.

    Raises UnprintableText or DocumentRejected as an agreement does.
    """
    # As with agreements: a web process that makes none spares the PDF libraries.
    from app.documents.readback import accept
    from app.documents.typesetting import typeset

    facts = {
        "unit": {name: clean(str(unit.get(name) or "")) for name in _NAMES},
        "person": {name: clean(str(person.get(name) or "")) for name in _PERSON},
    }
    check_printable({"employer": facts["unit"], "confirmations": facts["person"]})
    now = clock.now().astimezone(SHANGHAI).replace(microsecond=0)
    said = hashlib.sha256(json.dumps([facts, now.date().isoformat()], sort_keys=True).encode()).hexdigest()
    number = f"SQ{now:%Y%m%d}-{said[:8].upper()}"
    html = _environment().get_template("authorization.html").render(**facts, number=number, day=now.date())
    pdf = typeset(html, title=f"{TITLES['authorization']} {number}", made_at=now)
    accept(pdf, html)
    return pdf


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
