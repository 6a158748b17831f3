"""What may stand in a notice as %(name)s: each name with its meaning for those who edit the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid

PLACEHOLDERS = {
    "verb": _("the verb of the agreement type: witness or review"),
    "unit": _("name of the unit"),
    "username": _("user name (only in the message with a set-up link)"),
    "graduate": _("name of the graduate"),
    "school": _("name of the school"),
    "department": _("name of the department"),
    "destination": _("registered destination"),
    "position": _("title of the position"),
    "category": _("job category"),
    "number": _("number of the agreement"),
    "record": _("kind and number of the record that is objected to"),
    "reason": _("reason that was given"),
    "kind": _("kind of the record"),
    "due": _("until when somebody has to act"),
    "days": _("whole days since the record came to where it is"),
    "count": _("how many records (only in the daily notice to reviewers and in that of assigned ones)"),
    "by": _("who has done it (only in notices of assigned records and of a unit's users)"),
    "valid_until": _("end of the invitation's validity"),
    "state": _("state of the record"),
    "date": _("time of the event"),
    "changes": _("what was changed: before and after"),
    "url": _("address of a link or of a webhook (only in messages about them)"),
    "token": _("last part of that address, for text messages"),
    "code": _("verification code (only in the notice of a code)"),
    "minutes": _("for how many minutes the code can be used"),
    "purpose": _("what the code is for"),
    "device": _("device of a log-in (only in the notice of a new device)"),
    "channel": _("by which one can be told and log in (only in the notice of a binding)"),
    "mobile": _("new mobile number (only in the notice of a changed one)"),
    "address": _("network address of a log-in (only there)"),
}
_NAMED = re.compile(r"%\((\w*)\)s")
_BROKEN = re.compile(r"%\((?!\w+\)s)")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its placeholders filled in; a percent sign that belongs to none stays as it is."""
    return _NAMED.sub(lambda found: facts.get(found[1], ""), text)


def check_placeholders(texts: Mapping[str, str]) -> None:
    """Refuse unknown or broken placeholders; raises Invalid with the field and the name."""
    errors = {field: found for field, text in texts.items() if (found := _mistakes(text))}
    if errors:
        raise Invalid(errors)


def _mistakes(text: str) -> list[object]:
    found: list[object] = [
        _("There is no placeholder %%(%(name)s)s. Please choose from the list of placeholders.", name=name)
        for name in dict.fromkeys(_NAMED.findall(text))
        if name not in PLACEHOLDERS
    ]
    if _BROKEN.search(text):
        found.append(_("A placeholder is not complete: it is written like %%(unit)s."))
    return found
