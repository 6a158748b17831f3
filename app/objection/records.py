"""How an objection is told: the record that it is about, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.access.actors import SYSTEM, Actor
from app.base.dates import time_text
from app.cases.home import Telling
from app.cases.records import said_rows
from app.objection.models import Objection
from app.objection.queries import record_of
from app.workflow import registry

Rows = list[tuple[Any, Any]]


def about_words(case: Objection) -> str:
    """The record by its kind and number."""
    return _("%(kind)s No. %(number)s", kind=registry.get(case.about).label, number=case.number or case.about_id)


def objection_rows(case: Objection) -> Rows:
    """What is objected to, and why."""
    return [
        (_("Record"), about_words(case)),
        (_("What is not true"), case.data.get("text")),
        (_("Objected on"), time_text(case.created_at)),
    ]


def record_rows(record: Any, actor: Actor) -> Rows:
    """The record as it stands now."""
    return [(_("State"), registry.get(record.workflow_name).label_of(record, actor)), *said_rows(record)]


def tell(case: Objection, actor: Actor) -> Telling:
    """An objection on the graduate's home."""
    del actor
    return Telling(lines=[("file-text", about_words(case))])


def facts(case: Objection) -> dict[str, str]:
    """What notices tell of it."""
    record = record_of(case, actor=SYSTEM)
    unit = getattr(record, "employer", None)
    return {"record": about_words(case), "unit": unit.name if unit is not None else ""}
