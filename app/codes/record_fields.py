"""The fields of what is reported to the employment system of a graduate, each declared once by kind of record.

The platform's messages, the interface's description, the files of those who exchange files, and the stand-in, which
loads no other part of the platform, read the same list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class RecordField:
    """One field: how long it can be, and the code table behind it.

    A `later` one is left out where there is nothing to tell: systems from before it was there take the record as it was.
    """

    name: str
    label: Any
    most: int
    table: str | None = None
    required: bool = False
    later: bool = False


DESTINATION, ARCHIVE, HUKOU = "destination", "archive", "hukou"
_PLACE: Final = (
    RecordField("region", _("Region of the address"), 6, "region"),
    RecordField("address", _("Detailed address"), 128),
)
FIELDS: Final[Mapping[str, tuple[RecordField, ...]]] = {
    DESTINATION: (
        RecordField("code", _("Graduate destination"), 8, "destination", required=True),
        RecordField("label", _("Name of the destination"), 64),
        RecordField("employer", _("Employer name"), 128),
        RecordField("uscc", _("Unified social credit code"), 18),
        RecordField("nature", _("Employer nature"), 8, "employer_nature"),
        RecordField("industry", _("Employer industry"), 8, "employer_industry"),
        RecordField("region", _("Employer region"), 6, "region"),
        RecordField("category", _("Category of work"), 8, "job_category"),
        RecordField("contact", _("Contact person"), 64),
        RecordField("phone", _("Telephone"), 32),
        RecordField("mobile", _("Mobile phone"), 32),
        RecordField("email", _("E-mail"), 128),
        RecordField("fax", _("Fax"), 32),
        RecordField("address", _("Address"), 256),
        RecordField("postcode", _("Postal code"), 8),
        RecordField("signed_on", _("Day of signing"), 10, later=True),
        RecordField("enlisted_on", _("Day of enlistment"), 10, later=True),
        RecordField("entered_on", _("Day of entry into the post-doctoral station"), 10, later=True),
        RecordField("service_from", _("First day of service"), 10, later=True),
        RecordField("project", _("Name of the project"), 64, later=True),
        RecordField("waiting_reason", _("Reason for not seeking work yet"), 8, "waiting_reason", later=True),
        RecordField("occupation", _("Occupation"), 500, later=True),
        RecordField("country", _("Country or region"), 3, "country", later=True),
        RecordField("school_foreign", _("Name of the school abroad"), 128, later=True),
        RecordField("degree", _("Level of education"), 8, "education_group", later=True),
        RecordField("major", _("Major of further study"), 64, later=True),
        RecordField("major_foreign", _("Major abroad, in its own language"), 128, later=True),
        RecordField("study_form", _("Form of study"), 8, "study_form", later=True),
    ),
    ARCHIVE: (
        RecordField("transfer_type", _("Type of transfer"), 2, "archive_transfer_type", required=True),
        RecordField("receiver", _("Receiving unit"), 64),
        *_PLACE,
        RecordField("contact", _("Receiving person"), 32),
        RecordField("phone", _("Phone of the receiver"), 32),
        RecordField("postcode", _("Postcode"), 8),
    ),
    HUKOU: (
        RecordField("transfer_type", _("Type of transfer"), 2, "hukou_transfer_type", required=True),
        *_PLACE,
    ),
}


def names_of(kind: str) -> tuple[str, ...]:
    """The names of the fields of a kind of record."""
    return tuple(one.name for one in FIELDS[kind])
