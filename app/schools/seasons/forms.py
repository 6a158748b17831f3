"""Shape of what is set for the time of a cohort; whatever is absent stays as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, validates_schema

from app.codes.forms import Day, FormSchema, Group
from app.schools.forms import Choice, Count
from app.schools.seasons.models import FREE, REVIEWED

LONGEST = 60


class Days(Count):
    """A whole number of days, or nothing: then what is set above holds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(LONGEST, allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> int:
        if type(value) is not int or not 1 <= value <= self.most:
            raise ValidationError(_("Please give a whole number of days from 1 to %(most)s.", most=self.most))
        return value


class DeadlinesForm(FormSchema):
    """The limits of waiting, in days."""

    answer_min = Days(metadata={"label": _("Shortest time to answer an invitation"), "minimum": 1})
    answer_days = Days(metadata={"label": _("Time to answer where the invitation says none"), "minimum": 1})
    review_days = Days(metadata={"label": _("Time for a review"), "minimum": 1})
    termination_days = Days(metadata={"label": _("Time to answer an application for termination"), "minimum": 1})
    dispatch_days = Days(metadata={"label": _("Time to send an archive whose receiver is confirmed"), "minimum": 1})
    receipt_days = Days(metadata={"label": _("Time for the receipt of an archive that was sent"), "minimum": 1})


LIMITS = {name: field.metadata["label"] for name, field in DeadlinesForm().fields.items()}


class WindowForm(FormSchema):
    """From a day until a day, both inclusive."""

    from_ = Day(data_key="from", required=True)
    until = Day(required=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **options: Any) -> None:
        if data["until"] < data["from_"]:
            raise ValidationError([_("The last day comes before the first.")], "until")


class SchoolSeasonForm(FormSchema):
    """What a school sets; null closes a window."""

    deadlines = Group(DeadlinesForm)
    leaving = Group(WindowForm, allow_none=True)
    checking = Group(WindowForm, allow_none=True)


class ProvinceSeasonForm(FormSchema):
    """What a province sets."""

    deadlines = Group(DeadlinesForm)
    destination_change = Choice(FREE, REVIEWED)
    changes_until = Day(allow_none=True)
