"""Shape of the input of hukou registrations; which fields are needed says household/types.py."""

from __future__ import annotations

from app.codes.forms import Code, FormSchema, Region, Text
from app.household.forms import Reason
from app.household.types import HUKOU, TABLES


class HukouForm(FormSchema):
    """户口迁转: what is needed depends on the type."""

    transfer_type = Code(TABLES[HUKOU], required=True)
    region = Region(allow_none=True)
    address = Text(128, allow_none=True)


class AmendHukouForm(HukouForm, Reason):
    """The reviewer corrects the record and says why."""
