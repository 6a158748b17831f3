"""Shape of the input of signings: the invitation letter and the data of the events."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates, validates_schema

from app.base import clock
from app.codes.forms import Code, Day, Flag, FormSchema, Group, Money, Phone, Postcode, Region, Text, Whole
from app.documents.forms import Printed

MOST_CLAUSES = 2000
LONGEST_SERVICE = 240  # months
SHORTEST_VALIDITY, LONGEST_VALIDITY = 1, 30
# What the fields of a letter are called, in its order.
LABELS = {
    "position.title": _("Position"),
    "position.category": _("Job category"),
    "position.department": _("Department of the unit"),
    "position.region": _("Place of work"),
    "position.address": _("Address of the workplace"),
    "position.salary_month": _("Monthly salary"),
    "position.probation_months": _("Probation"),
    "position.probation_salary": _("Salary during probation"),
    "position.report_by": _("Report for work by"),
    "position.report_place": _("Place to report at"),
    "position.employment_form": _("Form of employment"),
    "position.workplace_unit": _("Unit where the work is done"),
    "position.service_months": _("Term of service"),
    "position.liquidated_damages": _("Liquidated damages"),
    "position.contact": _("Contact person"),
    "position.phone": _("Phone"),
    "archive.accept": _("The unit takes the archive"),
    "archive.receiver": _("Receiving unit"),
    "archive.department": _("Department of the unit"),
    "archive.address": _("Address"),
    "archive.postcode": _("Postcode"),
    "archive.contact": _("Recipient"),
    "archive.phone": _("Phone"),
    "hukou.accept": _("The unit takes the hukou"),
    "hukou.optional": _("The graduate may leave the hukou where it is"),
    "hukou.address": _("Address of the hukou"),
    "clauses": _("Supplementary terms"),
    "valid_until": _("Valid until"),
}


class PositionForm(FormSchema):
    """岗位信息 of the invitation letter."""

    title = Printed(64, required=True)
    category = Code("job_category", required=True)
    department = Printed(64)
    region = Region(required=True)
    address = Printed(128)
    salary_month = Money(least="0.01", required=True)
    probation_months = Whole(0, 12, allow_none=True)
    probation_salary = Money(allow_none=True)
    report_by = Day(required=True)
    report_place = Printed(128)
    employment_form = Code("employment_form")
    workplace_unit = Printed(128)
    service_months = Whole(1, LONGEST_SERVICE, allow_none=True)
    liquidated_damages = Money(allow_none=True)
    contact = Printed(32, required=True)
    phone = Phone(required=True)

    @validates("report_by")
    def report_later(self, value: date, **_options: Any) -> None:
        """One reports for work in the future, within a few years."""
        _refuse_other_reports(value)


def _refuse_other_reports(day: date) -> None:
    if not clock.today() <= day <= clock.today() + timedelta(days=3 * 366):
        raise ValidationError(_("The day to report for work must lie in the future, at most three years ahead."))


class OwnTermsForm(FormSchema):
    """What may differ between people who are invited with one letter; empty: as in the letter."""

    graduate_id = fields.Integer(strict=True, required=True)
    title = Printed(64)
    department = Printed(64)
    salary_month = Money(least="0.01", allow_none=True)
    probation_salary = Money(allow_none=True)
    report_by = Day(allow_none=True)

    @validates("report_by")
    def report_later(self, value: date | None, **_options: Any) -> None:
        """As in the letter."""
        if value is not None:
            _refuse_other_reports(value)


class ArchiveForm(FormSchema):
    """档案接收: required once the unit takes the archive."""

    accept = Flag(load_default=False)
    receiver = Printed(64)
    department = Printed(64)
    address = Printed(128)
    postcode = Postcode()
    contact = Printed(32)
    phone = Phone()

    @validates_schema(skip_on_field_errors=False)
    def complete_when_accepted(self, data: dict[str, Any], **_options: Any) -> None:
        """Where to send the archive, when it is accepted."""
        _complete(data, ("receiver", "department", "address", "postcode", "contact", "phone"))


class HukouForm(FormSchema):
    """户口接收: the address is required once the unit takes the hukou."""

    accept = Flag(load_default=False)
    optional = Flag(load_default=False)
    address = Printed(128)

    @validates_schema(skip_on_field_errors=False)
    def complete_when_accepted(self, data: dict[str, Any], **_options: Any) -> None:
        """Where the hukou goes, when it is accepted."""
        _complete(data, ("address",))


def _complete(data: dict[str, Any], names: tuple[str, ...]) -> None:
    if data.get("accept"):
        missing = {name: [_("Please fill this in.")] for name in names if not data.get(name)}
        if missing:
            raise ValidationError(missing)


class KeptPositionForm(PositionForm):
    """岗位 as templates keep it; the day to report for work may stay open, it is chosen for each letter."""

    report_by = Day(allow_none=True)

    @validates("report_by")
    def report_later(self, value: date, **_options: Any) -> None:
        """A day that has passed meanwhile is found when the letter is written."""


class PositionTemplateForm(KeptPositionForm):
    """A named 岗位."""

    name = Text(64, required=True)


class ArchiveTemplateForm(ArchiveForm):
    """A named 档案."""

    name = Text(64, required=True)


class HukouTemplateForm(HukouForm):
    """A named 户口."""

    name = Text(64, required=True)


class LetterTemplateForm(FormSchema):
    """A named letter with all its parts, as far as they are the same each time."""

    name = Text(64, required=True)
    position = Group(KeptPositionForm, required=True)
    archive = Group(ArchiveForm, load_default=lambda: {"accept": False})
    hukou = Group(HukouForm, load_default=lambda: {"accept": False, "optional": False})
    clauses = Printed(MOST_CLAUSES, load_default="")


class InvitationForm(FormSchema):
    """The invitation letter: position, archive and hukou, clauses, validity (R6.4)."""

    position = Group(PositionForm, required=True)
    archive = Group(ArchiveForm, load_default=lambda: {"accept": False})
    hukou = Group(HukouForm, load_default=lambda: {"accept": False, "optional": False})
    clauses = Printed(MOST_CLAUSES, load_default="")
    valid_until = Day(allow_none=True, load_default=None)  # without it as long as the graduate's school gives
    external_id = Text(64, allow_none=True)  # what the unit's own system calls it; not part of the letter

    @validates("valid_until")
    def within_bounds(self, value: date | None, **_options: Any) -> None:
        """The graduate needs time to answer, and an end to wait for: 1 to 30 days."""
        if value is not None:
            _refuse_other_days(value, SHORTEST_VALIDITY)


def _refuse_other_days(value: date, least: int) -> None:
    today = clock.today()
    if not today + timedelta(days=least) <= value <= today + timedelta(days=LONGEST_VALIDITY):
        raise ValidationError(
            _("The validity must end %(least)s to %(most)s days from today.", least=least, most=LONGEST_VALIDITY)
        )


class InviteForm(InvitationForm):
    """The letter with the graduates it goes to; `dry_run`: say who could be invited, and send nothing."""

    graduate_ids = fields.List(fields.Integer(strict=True), required=True)
    each = fields.List(fields.Nested(OwnTermsForm))
    dry_run = Flag()


class ExtendForm(FormSchema):
    """Until when the graduate may answer now."""

    valid_until = Day(required=True, metadata={"label": _("Valid until")})

    @validates("valid_until")
    def within_bounds(self, value: date, **_options: Any) -> None:
        """To the end of today at least, and no farther than a new letter could reach."""
        _refuse_other_days(value, 0)


class WithdrawForm(FormSchema):
    """Why the unit takes the invitation back (R6.7)."""

    reason = Text(500, required=True)
    reason_code = Code("withdraw_reason")


class DeclineForm(FormSchema):
    """The graduate may say why."""

    reason = Text(500)
