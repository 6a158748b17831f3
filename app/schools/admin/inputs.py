"""The form of the settings page and what the service takes: names, types, errors put back to their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.schools.changes import TYPES_OF
from app.schools.models import LEVELS, WHOLE_SCHOOL, SchoolSetting

CONTACT_FIELDS = ("name", "phone", "address", "postcode")
_CONTROL = ("csrf_token", "confirmed")


def changes_from(form: MultiDict[str, str], module: str) -> dict[str, Any]:
    """What the form asks to be changed; fields that the page did not offer are absent."""
    changes: dict[str, Any] = {}
    if "open" in form:
        changes["open"] = {"1": True, "0": False}.get(form["open"])
    if "review_mode" in form:
        changes["review_mode"] = form["review_mode"]
    if "max_terminations" in form:
        changes["max_terminations"] = _whole(form["max_terminations"])
    if module in TYPES_OF and "types_offered" in form:
        changes["types"] = form.getlist("types")
    contacts = [_contact(form, level) for level in _levels_of(form)]
    if any(contacts):
        changes["contacts"] = [contact for contact in contacts if contact]
    return changes


def window_from(form: Mapping[str, str], prefix: str = "") -> dict[str, str] | None:
    """The two days that were typed; None where both are empty."""
    days = {name: form.get(f"{prefix}{name}", "").strip() for name in ("from", "until")}
    return days if any(days.values()) else None


def _whole(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _levels_of(form: Mapping[str, str]) -> Sequence[str]:
    """The levels whose contacts the reader chose to fill in; without a choice all that the page offered."""
    chosen = form.get("contact_scope")
    if chosen is None:
        return (WHOLE_SCHOOL, *LEVELS)
    return (WHOLE_SCHOOL,) if chosen == WHOLE_SCHOOL else LEVELS


def _contact(form: Mapping[str, str], level: str) -> dict[str, str]:
    given = {name: form.get(f"contact-{level}-{name}", "").strip() for name in CONTACT_FIELDS}
    return {"level": level, **given} if any(given.values()) else {}


def errors_at_fields(errors: Mapping[str, Sequence[Any]], changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """The service's errors under the names of the page's fields: contacts.0.phone is contact-all-phone."""
    found: dict[str, list[str]] = {}
    levels = [contact["level"] for contact in changes.get("contacts", ())]
    for name, texts in errors.items():
        parts = name.split(".")
        of_contact = parts[0] == "contacts" and len(parts) == 3
        field = f"contact-{levels[int(parts[1])]}-{parts[2]}" if of_contact else name
        found[field] = [str(text) for text in texts]
    return found


def shown_values(setting: SchoolSetting | None, sent: MultiDict[str, str] | None) -> dict[str, Any]:
    """What stands in the fields: what was sent and refused, else what is set, else nothing chosen yet."""
    values: dict[str, Any] = {
        "open": {True: "1", False: "0"}.get(setting.open) if setting else "",
        "review_mode": setting.review_mode if setting else "",
        "max_terminations": setting.max_terminations if setting else "",
        "types": setting.types if setting else None,
        "version": setting.version if setting else 0,
    }
    if sent is not None:
        values |= {name: value for name, value in sent.items() if name != "version"}
        if "types_offered" in sent:
            values["types"] = sent.getlist("types")
    return values


def sent_again(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The fields of a form, to be sent once more by the page that asks again."""
    return [(name, value) for name, value in form.items(multi=True) if name not in _CONTROL]


def labels(words: Any, module: str) -> dict[str, str]:
    """Names of the fields for the summary of errors."""
    fields = {"name": _("Name"), "phone": _("Phone"), "address": _("Address"), "postcode": _("Postcode")}
    of_contacts = {
        f"contact-{level}-{name}": f"{words.contact_label(level)} {label}"
        for level in (WHOLE_SCHOOL, *LEVELS)
        for name, label in fields.items()
    }
    return {**words.labels_of(module), **of_contacts}
