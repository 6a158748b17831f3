"""The rules, each one entry: what it looks at, how it finds, from which numbers on, and how it explains itself.

A rule tells what is odd and why; it decides nothing. A new one is a new entry. The numbers of `limits` are changed by
settings: `SIGNAL_MANY_GRADUATES_DAYS=14` for the limit `days` of `many_graduates`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _

from app.base.dates import day_text
from app.base.settings import settings
from app.base.wording import listed
from app.signals.queries import cases, units
from app.signals.queries.units import Found
from app.signals.records import Look
from config import SettingsError

HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES: Final[Mapping[str, Any]] = {HIGH: _("High"), MEDIUM: _("Medium"), LOW: _("Low")}
_PREFIX: Final = "SIGNAL_"


@dataclass(frozen=True)
class Rule:
    """`subjects` are what a batch asks it about; those that `find` does not give back hold no longer."""

    name: str
    label: Any
    looks_at: Any
    severity: str
    subjects: Callable[[Look], set[str]]
    find: Callable[[Look, Mapping[str, int]], Found]
    explain: Callable[[Mapping[str, Any]], Any]
    limits: Mapping[str, int] = field(default_factory=dict)

    def limits_in_force(self) -> dict[str, int]:
        """As declared, or as set. Raises SettingsError for what is no number."""
        found = dict(self.limits)
        for name in found:
            key = f"{_PREFIX}{self.name}_{name}".upper()
            text = settings().environ.get(key, "").strip()
            if text and not text.isdigit():
                raise SettingsError(f"{key} must be a whole number, not {text!r}.")
            found[name] = int(text) if text else found[name]
        return found


_UNIT, _RECORD = _("Records and data of a unit"), _("A single record")
_KINDS = {
    "small": _("a unit of fewer than 100 people"),
    "new": _("a unit that was verified only lately, or not yet"),
    "stranger": _("a unit that is not registered here"),
}


def _day(text: str) -> str:
    return str(day_text(date.fromisoformat(text))) if text else ""


RULES: Final = (
    Rule(
        "many_graduates",
        _("Many graduates at a small or new unit"),
        _UNIT,
        HIGH,
        units.unit_subjects,
        units.many_graduates,
        lambda f: _(
            "%(count)s graduates have a record with this unit that began within %(days)s days; it is %(kind)s.",
            **{**f, "kind": _KINDS[f["kind"]]},
        ),
        {"graduates": 10, "days": 30, "new_days": 180},
    ),
    Rule(
        "shared_phone",
        _("One mobile number for several units"),
        _("Users of units, by the blind index of their number"),
        MEDIUM,
        units.phone_subjects,
        units.shared_phone,
        lambda f: _(
            "Users of %(count)s units are reached under the same mobile number: %(names)s.",
            **{**f, "names": listed(f["names"])},
        ),
        {"units": 2},
    ),
    Rule(
        "shared_address",
        _("One address for several new units"),
        _("Addresses of units"),
        MEDIUM,
        units.address_subjects,
        units.shared_address,
        lambda f: _(
            "%(count)s units that registered lately give the same address: %(names)s.",
            **{**f, "names": listed(f["names"])},
        ),
        {"units": 3, "new_days": 365},
    ),
    Rule(
        "device_of_both",
        _("Unit and graduate at the same browser"),
        _("Browsers by which accounts are known again"),
        HIGH,
        units.unit_subjects,
        units.device_of_both,
        lambda f: _(
            "%(count)s graduates with a record of this unit have used a browser that users of the unit use.", **f
        ),
        {"graduates": 1},
    ),
    Rule(
        "device_of_many",
        _("Several graduates at the same browser"),
        _("Browsers by which accounts are known again"),
        MEDIUM,
        units.unit_subjects,
        units.device_of_many,
        lambda f: _("%(count)s graduates with a record of this unit have used one and the same browser.", **f),
        {"graduates": 3},
    ),
    Rule(
        "same_scan",
        _("The same scan handed in again"),
        _("Digests of the files that were handed in"),
        HIGH,
        cases.file_subjects,
        cases.same_scan,
        lambda f: _(
            "The same file stands in %(records)s records of %(count)s graduates; it was first handed in on %(day)s.",
            **{**f, "day": _day(f["day"])},
        ),
        {"graduates": 2},
    ),
    Rule(
        "before_founding",
        _("Begins before the unit was founded"),
        _RECORD,
        HIGH,
        cases.case_subjects,
        cases.before_founding,
        lambda f: _(
            "The record begins on %(day)s, the unit was founded on %(founded)s by the company register.",
            **{**f, "day": _day(f["day"]), "founded": _day(f["founded"])},
        ),
    ),
    Rule(
        "burst",
        _("Many signings right before a deadline"),
        _UNIT,
        MEDIUM,
        units.unit_subjects,
        units.burst,
        lambda f: _(
            "%(count)s records of this unit began within %(days)s days, right before the deadline of %(day)s.",
            **{**f, "day": _day(f["day"])},
        ),
        {"graduates": 10, "days": 3, "before": 14},
    ),
    Rule(
        "not_in_business",
        _("The unit is not in business"),
        _("The company register"),
        HIGH,
        units.unit_subjects,
        units.not_in_business,
        lambda f: _(
            "Company register: %(state)s, since %(since)s; %(count)s records of this unit are in progress or in force.",
            **{**f, "since": _day(f["since"]) or _("an unknown day")},
        ),
    ),
    Rule(
        "disowned",
        _("The unit says that the record is not its own"),
        _RECORD,
        HIGH,
        cases.case_subjects,
        cases.disowned,
        lambda f: _(
            "The verified unit of this credit code said on %(day)s that the record is not its own: %(reason)s",
            **{**f, "day": _day(f["day"])},
        ),
    ),
    Rule(
        "under_minimum",
        _("Monthly pay below the minimum"),
        _RECORD,
        LOW,
        cases.case_subjects,
        cases.under_minimum,
        lambda f: _(
            "The monthly pay of %(pay)s yuan is below the minimum of %(least)s yuan (%(place)s).",
            **{**f, "place": f["place"] or _("as set for all places")},
        ),
        {"monthly": 0},
    ),
)
BY_NAME: Final = {rule.name: rule for rule in RULES}
