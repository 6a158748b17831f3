"""Settings in words: labels, values, and what a change was, for pages and their history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.base.wording import continued, labelled, listed
from app.codes import queries as codes
from app.schools.changes import TYPES_OF
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY, THREE_PARTY, TWO_PARTY, AgreementContact
from app.schools.seasons.forms import LIMITS
from app.schools.seasons.queries import WINDOWS

AGREEMENT_TYPES = {
    TWO_PARTY: lazy_gettext("Two-party agreement"),
    THREE_PARTY: lazy_gettext("Three-party agreement"),
}
AGREEMENT_TEXTS = {
    TWO_PARTY: lazy_gettext("Party A is the unit, party B the graduate; the school witnesses."),
    THREE_PARTY: lazy_gettext("Party A is the unit, party B the graduate, party C the school; the school reviews."),
}
REVIEW_MODES = {
    SCHOOL_ONLY: lazy_gettext("Review by the school only"),
    DEPARTMENT_FIRST: lazy_gettext("Review by the department, then by the school"),
}
LEVELS = {
    "all": lazy_gettext("Whole school"),
    "undergraduate": lazy_gettext("Undergraduate"),
    "postgraduate": lazy_gettext("Postgraduate"),
}

Row = tuple[str, str, str]  # what, before, after


def switch_label(module: str) -> str:
    """What the open switch of a module is called."""
    return _("Online signing switch") if module == "employment" else _("Registration switch")


def title_of(module: str) -> str:
    """What the settings of a module are called."""
    return {
        "employment": _("Signing settings"),
        "archive": _("Archive registration settings"),
        "hukou": _("Hukou registration settings"),
    }[module]


WINDOW_TITLES = {
    "leaving": lazy_gettext("Leaving confirmation"),
    "checking": lazy_gettext("Checking of the student data"),
}
WINDOW_TEXTS = {
    "leaving": lazy_gettext(
        "Between these days the graduates of the cohort look through everything that is registered, confirm it and get "
        "the sealed sheet. Without days nobody can confirm. The days open nothing else and can be changed at any time."
    ),
    "checking": lazy_gettext(
        "Between these days the graduates of the cohort go through what the student list says of them, field by field, "
        "and name the right value where one is wrong. You answer in the list of corrections."
    ),
}


def labels_of(module: str) -> dict[str, str]:
    """The fields of a module's settings."""
    return {
        "open": switch_label(module),
        "review_mode": _("Review mode"),
        "max_terminations": _("Most termination applications of a graduate"),
        "types": _("Types that graduates can register"),
        "leaving": _("Leaving confirmation"),
        "checking": _("Checking of the student data"),
        "deadlines": _("Time limits"),
    }


def value_text(name: str, value: Any, module: str) -> str:
    """One value as people read it; "" for none."""
    if value is None:
        return ""
    if name == "open":
        return _("Open") if value else _("Closed")
    if name == "review_mode":
        return str(REVIEW_MODES[value])
    if name == "types":
        return listed(codes.label(TYPES_OF[module], code) for code in value) or _("None")
    if name in WINDOWS:
        return " – ".join(value)
    if name == "deadlines":
        return listed(labelled(LIMITS[limit], days) for limit, days in value.items())
    return str(value)


def change_rows(before: Mapping[str, Any], after: Mapping[str, Any], module: str) -> list[Row]:
    """A change as rows of what, before, after; new contacts are at the end."""
    labels = labels_of(module)
    names = [name for name in labels if name in after and _concerns(name, module)]
    rows = [
        (labels[name], value_text(name, before.get(name), module), value_text(name, after[name], module))
        for name in names
    ]
    return rows + [(contact_label(one["level"]), "", contact_text(one)) for one in after.get("contacts", ())]


def _concerns(name: str, module: str) -> bool:
    return {"max_terminations": module == "employment", "types": module in TYPES_OF}.get(name, True)


def contact_label(level: str) -> str:
    """协议经办人 of a level."""
    return _("Agreement contact (%(level)s)", level=LEVELS[level])


def contact_text(contact: Mapping[str, Any] | AgreementContact) -> str:
    """A contact in one line."""
    names = ("name", "phone", "address", "postcode")
    return continued(contact[name] if isinstance(contact, Mapping) else getattr(contact, name) for name in names)
