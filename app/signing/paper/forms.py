"""Shape of the applications for signings on paper, whole and as drafts, and of the data of their events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates, validates_schema

from app.base import clock
from app.cases.forms import CategoryForm
from app.codes.forms import Code, CreditCode, Day, FormSchema, Group, Phone, Region, sort_out
from app.documents.forms import Printed
from app.signing.online.forms import MOST_CLAUSES, ArchiveForm, HukouForm, PositionForm

ARMED_FORCES = "40"  # the one nature of units that may have no credit code
_YEARS = timedelta(days=5 * 366)


class UnitForm(FormSchema):
    """单位信息 as it stands on the agreement; the unit need not be registered here."""

    name = Printed(64, required=True)
    uscc = CreditCode()
    nature = Code("employer_nature", required=True)
    industry = Code("employer_industry", required=True)
    region = Region(required=True)
    address = Printed(128, required=True)
    contact = Printed(32, required=True)
    phone = Phone(required=True)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def has_credit_code(self, data: dict[str, Any], typed: Any, **_options: Any) -> None:
        """Every unit has one but those of the armed forces."""
        if isinstance(typed, Mapping) and "uscc" not in typed and data.get("nature") != ARMED_FORCES:
            raise ValidationError({"uscc": [_("Please fill this in.")]})


class OfflineForm(FormSchema):
    """W2: everything that the agreement is printed from."""

    employer = Group(UnitForm, required=True)
    position = Group(PositionForm, required=True)
    archive = Group(ArchiveForm, load_default=lambda: {"accept": False})
    hukou = Group(HukouForm, load_default=lambda: {"accept": False, "optional": False})
    clauses = Printed(MOST_CLAUSES, load_default="")


class PastPositionForm(PositionForm):
    """The position of an agreement that exists already: the day to report for work may have passed."""

    @validates("report_by")
    def report_later(self, value: date, **_options: Any) -> None:
        """Within a few years."""
        if not clock.today() - _YEARS <= value <= clock.today() + _YEARS:
            raise ValidationError(_("This day lies too far away. Please check the year."))


class SupplementaryForm(OfflineForm):
    """W3: what stands on the paper agreement, and when it was signed."""

    position = Group(PastPositionForm, required=True)
    signed_on = Day(required=True)

    @validates("signed_on")
    def signed_before(self, value: date, **_options: Any) -> None:
        """The agreement has been signed already."""
        if not clock.today() - _YEARS <= value <= clock.today():
            raise ValidationError(_("The agreement must have been signed already, within the last years."))


class UnitDraft(UnitForm):
    """Kinds and codes only."""

    @validates_schema(pass_original=True)
    def has_credit_code(self, data: dict[str, Any], typed: Any, **_options: Any) -> None:
        """Found when it is submitted."""


class PositionDraft(PositionForm):
    """Kinds and codes only."""

    @validates("report_by")
    def report_later(self, value: date, **_options: Any) -> None:
        """Found when it is submitted."""


class ArchiveDraft(ArchiveForm):
    """Kinds and codes only."""

    @validates_schema
    def complete_when_accepted(self, data: dict[str, Any], **_options: Any) -> None:
        """Found when it is submitted."""


class HukouDraft(HukouForm):
    """Kinds and codes only."""

    @validates_schema
    def complete_when_accepted(self, data: dict[str, Any], **_options: Any) -> None:
        """Found when it is submitted."""


class DraftForm(FormSchema):
    """Both applications as drafts: of these only kinds and codes are checked."""

    employer = Group(UnitDraft)
    position = Group(PositionDraft)
    archive = Group(ArchiveDraft)
    hukou = Group(HukouDraft)
    clauses = Printed(MOST_CLAUSES)
    signed_on = Day()


WHOLE: dict[str, type[FormSchema]] = {"offline_signing": OfflineForm, "supplementary": SupplementaryForm}


class EditCategoryForm(CategoryForm):
    """After approval: 职位类别, and 单位性质 and 单位行业 (R8.8)."""

    nature = Code("employer_nature")
    industry = Code("employer_industry")


def read_draft(workflow: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What can be kept of an application in any stage, and the problems of the rest at their fields."""
    clean, errors = sort_out(DraftForm(partial=True), _without_blanks(body))
    if workflow != "supplementary":
        clean.pop("signed_on", None)
        errors.pop("signed_on", None)
    return as_kept(clean), errors


def read_whole(workflow: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The complete application, and what is missing or wrong at its fields."""
    clean, errors = sort_out(WHOLE[workflow], _without_blanks(data))
    return as_kept(clean), errors


def as_kept(clean: Mapping[str, Any]) -> dict[str, Any]:
    """A read application as it is kept: days as texts."""
    return {name: _plain(value) for name, value in clean.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return as_kept(value) if isinstance(value, Mapping) else value


def _without_blanks(value: Any) -> Any:
    """Forms send empty fields as empty texts: nothing is said with them."""
    if not isinstance(value, Mapping):
        return value
    return {name: _without_blanks(inner) for name, inner in value.items() if not _is_blank(inner)}


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
