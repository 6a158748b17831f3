"""Shape of the input of archive and hukou registrations; which fields are needed says types.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid, Malformed
from app.codes.forms import Code, FormSchema, Phone, Postcode, Region, Text, sort_out
from app.household.types import ARCHIVE, HUKOU, KINDS, TABLES, kept_fields, needs_of


class ArchiveForm(FormSchema):
    """档案转寄: what is needed depends on the type."""

    transfer_type = Code(TABLES[ARCHIVE], required=True)
    receiver = Text(64, allow_none=True)
    region = Region(allow_none=True)
    address = Text(128, allow_none=True)
    contact = Text(32, allow_none=True)
    phone = Phone(allow_none=True)
    postcode = Postcode(allow_none=True)


class HukouForm(FormSchema):
    """户口迁转: what is needed depends on the type."""

    transfer_type = Code(TABLES[HUKOU], required=True)
    region = Region(allow_none=True)
    address = Text(128, allow_none=True)


FORMS: dict[str, type[FormSchema]] = {ARCHIVE: ArchiveForm, HUKOU: HukouForm}


class _Reason(FormSchema):
    reason = Text(500, required=True)


class AmendArchiveForm(ArchiveForm, _Reason):
    """The reviewer corrects the record and says why."""


class AmendHukouForm(HukouForm, _Reason):
    """The reviewer corrects the record and says why."""


AMEND_FORMS: dict[str, type[FormSchema]] = {ARCHIVE: AmendArchiveForm, HUKOU: AmendHukouForm}
assert set(FORMS) == set(AMEND_FORMS) == set(KINDS)


def read_draft(kind: str, body: Any) -> dict[str, Any]:
    """What was typed, checked for kinds and codes only; blank fields count as not given. Raises Invalid."""
    if not isinstance(body, Mapping):
        raise Malformed(_("The request must be a JSON object."))
    clean, errors = sort_out(FORMS[kind](partial=True), {name: value for name, value in body.items() if value != ""})
    if errors:
        raise Invalid(errors)
    return kept_fields(kind, clean)


def missing_fields(kind: str, data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The fields that the record's type still needs, each with its sentence."""
    if not data.get("transfer_type"):
        return {"transfer_type": [_("Please choose from the list.")]}
    names = needs_of(kind, data["transfer_type"]).required
    return {name: [_("Please fill this in.")] for name in names if not data.get(name)}
