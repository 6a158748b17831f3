"""The columns of a downloaded list of destinations: one for every field that any type has (R8.13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _

from app.cases.sheets import case_columns
from app.destination.catalogue import all_types
from app.destination.queries import type_label, words_of
from app.web.sheets import Column


def destination_columns() -> list[Column]:
    """Who and where, the type with its code, and what was filled in, in words."""
    return [
        *case_columns(unit=False),
        Column(_("Destination code"), lambda case: case.type, 10),
        Column(_("Destination"), lambda case: type_label(case.type), 24),
        *(Column(label, _reader(name), 20) for name, label in field_labels().items()),
    ]


def field_labels() -> dict[str, str]:
    """Every field of every type once, under the name that the first type gives it."""
    labels: dict[str, str] = {}
    for kind in all_types().values():
        for field in kind.fields:
            labels.setdefault(field.name, field.label)
    return labels


def _reader(name: str) -> Callable[[Any], str]:
    return lambda case: words_of(case, name)
