"""单位信息 and its changes in words, for the pages of every door; no rule is here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.base.wording import joined
from app.codes import queries as codes
from app.employers.models import UnitChange

LABELS: dict[str, Any] = {
    "name": _("Name of the unit"),
    "short_name": _("Short name"),
    "uscc": _("Credit code"),
    "type": _("Type of the unit"),
    "nature": _("Nature of the unit"),
    "industry": _("Industry"),
    "job_industry": _("Industry on the job platform"),
    "business_scope": _("Fields of business"),
    "size": _("Size"),
    "region": _("Place"),
    "address": _("Address"),
    "website": _("Website"),
    "welfare": _("Welfare"),
    "intro": _("Introduction of the unit"),
}
# What stands in the changes besides.
_ALSO: dict[str, Any] = {"owner": _("Owner of the unit"), "reason": _("Reason")}
_CODED = ("type", "nature", "industry", "size")
Rows = list[tuple[str, Any]]


def unit_rows(facts: dict[str, Any]) -> Rows:
    """单位信息 as labelled words; place and address in one line."""
    shown = [name for name in LABELS if name not in ("region", "welfare", "intro")]
    return [
        (str(LABELS[name]), _whole_address(facts) if name == "address" else value_in_words(name, facts.get(name)))
        for name in shown
    ]


def _whole_address(facts: dict[str, Any]) -> str:
    return f"{codes.region_label(facts.get('region'))} {facts.get('address') or ''}".strip()


def value_in_words(name: str, value: Any) -> str:
    """One value as people read it."""
    if name == "region":
        return codes.region_label(value)
    return codes.label(f"employer_{name}", value) if name in _CODED else str(value or "")


def history_of(changes: Iterable[UnitChange]) -> list[dict[str, Any]]:
    """The changes as the timeline shows them: who, when, what before and after."""
    return [
        {
            "label": gettext("Changed by the service line")
            if row.role == "operator"
            else gettext("Changed by the unit"),
            "at": row.at,
            "actor": row.actor,
            "reason": joined(change_in_words(name, *pair) for name, pair in row.changes.items()),
            "tone": "over",
        }
        for row in changes
    ]


def change_in_words(name: str, before: Any, after: Any) -> str:
    """One change: what it was and what it is."""
    return gettext(
        "%(what)s: %(before)s → %(after)s",
        what={**LABELS, **_ALSO}.get(name, name),
        before=value_in_words(name, before) or "—",
        after=value_in_words(name, after) or "—",
    )
