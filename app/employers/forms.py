"""Shape of the input of employers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from app.access.unit_roles import UNIT_ROLES
from app.codes.forms import (
    AccountNumber,
    BankCode,
    Code,
    CreditCode,
    Email,
    FormSchema,
    Mobile,
    PersonName,
    Phone,
    PlaceName,
    Region,
    Text,
    WebAddress,
    Whole,
)
from app.documents.forms import Printed, PrintedPlace


class GraduateSearchForm(FormSchema):
    """Who is to be found: all three exactly (R6.2)."""

    name = Text(64, required=True)
    id_number = Text(32, required=True)
    school = Text(64, required=True)


class SelfServiceForm(FormSchema):
    """What a unit changes itself (R5.7)."""

    type = Code("employer_type", required=True)
    nature = Code("employer_nature", required=True)
    industry = Code("employer_industry", required=True)
    business_scope = Text(128, allow_none=True)
    size = Code("employer_size", required=True)
    region = Region(required=True)
    address = Printed(128, required=True)
    website = WebAddress(256, allow_none=True)
    welfare = Text(1000, allow_none=True)
    intro = Text(4000, allow_none=True)


class UnitEditForm(SelfServiceForm):
    """What operators change besides (R5.7)."""

    name = PrintedPlace(64, required=True)
    short_name = Printed(32, allow_none=True)
    uscc = CreditCode(required=True)
    job_industry = Text(64, allow_none=True)


class UnitTypedForm(UnitEditForm):
    """单位信息 as the first log-in asks for it; what may be left out is empty then."""

    job_industry = Text(64, load_default=None, allow_none=True)
    short_name = Printed(32, load_default=None, allow_none=True)
    business_scope = Text(128, load_default=None, allow_none=True)
    website = WebAddress(256, load_default=None, allow_none=True)
    welfare = Text(1000, load_default=None, allow_none=True)
    intro = Text(4000, load_default=None, allow_none=True)


class PersonForm(FormSchema):
    """个人信息: work phone or fax, at least one."""

    name = PersonName(32, required=True)
    sex = Code("sex", required=True)
    company = PlaceName(64, load_default="")  # 公司名称, asked until the unit is known
    department = Text(64, required=True)
    post = Text(64, required=True)
    email = Email(128, required=True, refusal=_("Please give an e-mail address."))
    email_code = Text(8, load_default="")
    work_phone = Phone(load_default="")
    fax = Phone(load_default="")
    mobile = Mobile(load_default="")


class ColleagueForm(FormSchema):
    """Whom an owner asks into the unit, and as what."""

    address = Text(128, required=True)
    role = Text(8, required=True, validate=validate.OneOf(UNIT_ROLES, error=_("Please choose from the list.")))


class RoleForm(FormSchema):
    """Another role for a colleague."""

    role = Text(8, required=True, validate=validate.OneOf(UNIT_ROLES, error=_("Please choose from the list.")))


class NewOwnerForm(FormSchema):
    """Whom the service line makes owner of a unit, and why."""

    account = Whole(1, 2**31 - 1, required=True)
    reason = Text(200, required=True)


class VerificationForm(FormSchema):
    """How a unit proves who it is (R5.3-R5.5, R5.8)."""

    method = Text(
        12,
        required=True,
        validate=validate.OneOf(
            ("remittance", "materials", "known_unit", "join"), error=_("Please choose from the list.")
        ),
    )
    account = AccountNumber(load_default="", allow_none=True)
    bank = Text(64, load_default="", allow_none=True)
    bank_code = BankCode(load_default="", allow_none=True)


class AmountForm(FormSchema):
    """The amount that has arrived."""

    amount = Text(8, required=True)


OPINION_FIELDS = (
    *("name", "uscc", "type", "nature", "industry", "region", "address", "account", "bank", "bank_code"),
    *("authorization_letter", "licence", "other"),
)


class OpinionsField(fields.Dict):
    """Field: what is wrong with it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dict[str, str]:
        if not isinstance(value, dict) or any(not isinstance(text, str) for text in value.values()):
            raise ValidationError(_("This value cannot be read. Please check it."))
        unknown = [name for name in value if name not in OPINION_FIELDS]
        if unknown or any(len(text) > 200 for text in value.values()):
            raise ValidationError(_("An opinion names one of the known fields and has at most 200 characters."))
        return {name: text.strip() for name, text in value.items() if text.strip()}


class ApproveForm(FormSchema):
    """A note is free."""

    note = Text(500, load_default="")


class ReturnForm(FormSchema):
    """Why it goes back, in words, and what is wrong with which field."""

    reason = Text(500, required=True)
    fields = OpinionsField(load_default=dict)  # type: ignore[assignment]  # the name that the API has


class UnitForm(FormSchema):
    """What is asked of a unit (单位信息)."""

    name = PrintedPlace(64, required=True)
    short_name = Printed(32, load_default=None)
    uscc = CreditCode(load_default=None, allow_none=True)
    type = Code("employer_type", required=True)
    nature = Code("employer_nature", required=True)
    industry = Code("employer_industry", required=True)
    job_industry = Text(64, load_default=None)
    business_scope = Text(128, load_default=None)
    size = Code("employer_size", required=True)
    region = Region(required=True)
    address = Printed(128, required=True)
    website = WebAddress(256, load_default=None)
    welfare = Text(1000, load_default=None)
    intro = Text(4000, load_default=None)


class UnitUserForm(FormSchema):
    """What is asked of a unit's user (个人信息)."""

    name = PersonName(32, required=True)
    sex = Code("sex", load_default=None)
    department = Text(64, load_default=None)
    post = Text(64, load_default=None)
    email = Email(128, load_default=None)
    work_phone = Phone(load_default=None)
    fax = Phone(load_default=None)
    mobile = Mobile(load_default=None)
