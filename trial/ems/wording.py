"""What the fields of reported records are called on the pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.codes.record_fields import ARCHIVE, DESTINATION, FIELDS

# The name of a destination stands beside its code and needs no line of its own.
DESTINATION_LABELS = {one.name: one.label for one in FIELDS[DESTINATION] if one.name != "label"}
RECORD_LABELS = {one.name: one.label for one in FIELDS[ARCHIVE]}
KIND_LABELS = {
    "destination": _("Employment information"),
    "archive": _("Archive information"),
    "hukou": _("Hukou information"),
}
