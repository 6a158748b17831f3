"""How a template is told: its fields by their names, what a change has changed, and all of it in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.base.dates import day_text
from app.codes import queries as codes
from app.signing.online.models import LetterTemplate, LetterTemplateChange
from app.signing.online.pages import letter_fields
from app.signing.online.services.letter_templates import FORMS, WHOLE


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return ""
    name = name.rpartition(".")[2]
    if name in ("category", "employment_form"):
        return codes.label("job_category" if name == "category" else name, value) or value
    if name == "region":
        return codes.region_label(value)
    return day_text(value) if name == "report_by" else str(value)


def _labels(kind: str) -> dict[str, str]:
    """The fields of a part in the order of its form, with their names."""
    words = {
        "name": _("Name of the template"),
        "archive.accept": _("The unit takes the archive"),
        "hukou.accept": _("The unit takes the hukou"),
        "hukou.optional": _("The graduate may leave the hukou where it is"),
        **letter_fields.labels(),
    }
    if kind == "letter":
        return {name: words[name] for name in ("name", *_whole_order())}
    return {name: words.get(name) or words[f"{kind}.{name}"] for name in ["name", *_order(kind)]}


def _order(kind: str) -> list[str]:
    return [name for name in FORMS[kind]().fields if name != "name"]


def _whole_order() -> list[str]:
    return [*(f"{part}.{name}" for part in WHOLE if part in FORMS for name in _order(part)), "clauses"]


def _said(kind: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """By the names of `_labels`."""
    if kind != "letter":
        return data
    parts = {
        f"{part}.{name}": value for part in WHOLE if part in FORMS for name, value in (data.get(part) or {}).items()
    }
    return {**data, **parts}


def rows_of(kind: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a template holds, by the names of its fields."""
    data = _said(kind, data)
    return [(label, _shown(name, data.get(name))) for name, label in _labels(kind).items() if name != "name"]


def compared(change: LetterTemplateChange) -> list[dict[str, str]]:
    """What a change has changed; all of it where the template was added or deleted."""
    before, after = _said(change.kind, change.before or {}), _said(change.kind, change.after or {})
    rows = [
        {"label": label, "left": _shown(name, before.get(name)), "right": _shown(name, after.get(name))}
        for name, label in _labels(change.kind).items()
    ]
    return [row for row in rows if row["left"] != row["right"] or (row["left"] and change.event != "changed")]


def gist(template: LetterTemplate) -> str:
    """The template in one line."""
    data = template.data.get("position", template.data)
    if template.kind in ("position", "letter"):
        return " · ".join(
            [data["title"], _shown("region", data["region"]), _("%(pay)s yuan", pay=data["salary_month"])]
        )
    if not data.get("accept"):
        return _("Not taken by the unit")
    return str(data.get("receiver") or data.get("address") or "")
