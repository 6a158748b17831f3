"""网签授权书: the letter by which a unit authorises its user, as a PDF to print and stamp (R5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.base import clock
from app.documents.typefaces import clean
from app.documents.typesetting import typeset
from app.documents.words import TITLES

_TEMPLATES = Path(__file__).parents[1] / "templates" / "employers"
_NAMES = ("name", "uscc", "address")
_PERSON = ("name", "department", "post", "work_phone", "mobile", "email")


def authorization_letter(unit: Mapping[str, Any], person: Mapping[str, Any]) -> bytes:
    """The letter with what is known filled in and lines to write on for the rest."""
    html = (
        _environment()
        .get_template("authorization.html")
        .render(
            unit={name: clean(str(unit.get(name) or "")) for name in _NAMES},
            person={name: clean(str(person.get(name) or "")) for name in _PERSON},
        )
    )
    return typeset(html, title=TITLES["authorization"], made_at=clock.now().replace(microsecond=0))


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
