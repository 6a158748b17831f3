"""Shape of the input of archive registrations; which fields are needed says household/types.py."""

from __future__ import annotations

from app.codes.forms import Code, FormSchema, Phone, Postcode, Region, Text
from app.household.forms import Reason
from app.household.types import ARCHIVE, TABLES


class ArchiveForm(FormSchema):
    """档案转寄: what is needed depends on the type."""

    transfer_type = Code(TABLES[ARCHIVE], required=True)
    receiver = Text(64, allow_none=True)
    region = Region(allow_none=True)
    address = Text(128, allow_none=True)
    contact = Text(32, allow_none=True)
    phone = Phone(allow_none=True)
    postcode = Postcode(allow_none=True)


class AmendArchiveForm(ArchiveForm, Reason):
    """The reviewer corrects the record and says why."""
