"""What the fields of reported records are called on the pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

DESTINATION_LABELS = {
    "code": _("Graduate destination"),
    "employer": _("Employer name"),
    "uscc": _("Unified social credit code"),
    "nature": _("Employer nature"),
    "industry": _("Employer industry"),
    "region": _("Employer region"),
    "category": _("Category of work"),
    "contact": _("Contact person"),
    "phone": _("Telephone"),
    "mobile": _("Mobile phone"),
    "email": _("E-mail"),
    "fax": _("Fax"),
    "address": _("Address"),
    "postcode": _("Postal code"),
}
RECORD_LABELS = {
    "transfer_type": _("Type of transfer"),
    "receiver": _("Receiving unit"),
    "region": _("Region of the address"),
    "address": _("Detailed address"),
    "contact": _("Receiving person"),
    "phone": _("Phone of the receiver"),
    "postcode": _("Postcode"),
}
KIND_LABELS = {
    "destination": _("Employment information"),
    "archive": _("Archive information"),
    "hukou": _("Hukou information"),
}
