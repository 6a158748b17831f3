"""Shape of what is set for the time of a cohort; whatever is absent stays as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

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


class SchoolSeasonForm(FormSchema):
    """What a school sets."""

    deadlines = Group(DeadlinesForm)


class ProvinceSeasonForm(SchoolSeasonForm):
    """What a province sets."""

    destination_change = Choice(FREE, REVIEWED)
    changes_until = Day(allow_none=True)
