"""What is odd about a registration: told to graduate and reviewers, never a reason to refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from app.base import clock
from app.base.database import session
from app.codes import queries as codes
from app.codes.regions import province_of, region_parent
from app.destination.catalogue import type_of
from app.destination.models import Destination, MinimumWage
from app.destination.types.declared import DestinationType
from app.roster.snapshots import facts_of
from app.schools.models import SCHOOL_ONLY

# A date further away than this is probably a slip.
_YEARS_BACK, _YEARS_AHEAD = 6, 3


@dataclass(frozen=True)
class Warned:
    """One thing to look at: the field it is about ("" for the whole record) and what is odd."""

    code: str
    field: str
    text: Any


def warnings_of(case: Destination) -> list[Warned]:
    """Everything odd about a registration as it stands, for pages of graduate and reviewers.

    The caller has checked that the reader may see the case, which comes with its graduate.
    """
    kind = type_of(case.type)
    if kind is None:
        return []
    found = [*_education(kind, case), *_wage(kind, case.record), *_dates(kind, case.record)]
    if kind.two_levels and case.review_mode == SCHOOL_ONLY:
        text = _("This needs the consent of the department too. Please compare its opinion with the signed statement.")
        found.append(Warned("two_levels", "department_opinion", text))
    return found


def unusual_education(kind: DestinationType, education: str) -> Any:
    """What is told of a type that does not fit a level of study; "" where it fits."""
    if not kind.educations or education in kind.educations:
        return ""
    return _(
        "“%(label)s” is unusual for the level of study “%(education)s”. Please check it.",
        label=kind.label,
        education=codes.label("education_level", education),
    )


def _education(kind: DestinationType, case: Destination) -> list[Warned]:
    text = unusual_education(kind, facts_of(case)["education"])
    return [Warned("education", "", text)] if text else []


def _wage(kind: DestinationType, record: dict[str, Any]) -> list[Warned]:
    """薪酬需达到当地最低工资标准: for the kinds of 2021's annex alone, and only where the amount is known."""
    if not kind.minimum_wage:
        return []
    if not record.get("pay"):
        return [Warned("no_pay", "pay", _("No pay is given, so it cannot be compared with the minimum wage."))]
    known = minimum_wage(record.get("region"))
    hourly = record.get("pay_unit") == "hour"
    least = (known.hourly if hourly else known.monthly) if known else None
    if least is None or Decimal(record["pay"]) >= least:
        return []
    text = _(
        "The pay of %(pay)s yuan is below the local minimum wage of %(least)s yuan (%(place)s).",
        pay=record["pay"],
        least=least,
        place=codes.region_label(known.region) if known else "",
    )
    return [Warned("minimum_wage", "pay", text)]


def _dates(kind: DestinationType, record: dict[str, Any]) -> list[Warned]:
    today = clock.today()
    first, last = today - timedelta(days=366 * _YEARS_BACK), today + timedelta(days=366 * _YEARS_AHEAD)
    return [
        Warned("date", field.name, _("%(label)s is unusual: %(day)s.", label=field.label, day=record[field.name]))
        for field in kind.fields
        if field.kind == "date"
        and record.get(field.name)
        and not first <= date.fromisoformat(record[field.name]) <= last
    ]


def minimum_wage(region: str | None, day: date | None = None) -> MinimumWage | None:
    """The minimum wage of a place on a day (default today): its own, else that of the city, else of the province."""
    return minimum_wages([region], day).get(region) if region else None


def minimum_wages(regions: Iterable[str], day: date | None = None) -> dict[str, MinimumWage]:
    """The same for many places with one statement; places of which none is known are left out."""
    places = {
        region: [one for one in (region, region_parent(region), province_of(region)) if one] for region in regions
    }
    day = day or clock.today()
    query = select(MinimumWage).where(
        MinimumWage.region.in_({one for some in places.values() for one in some}),
        or_(MinimumWage.valid_from.is_(None), MinimumWage.valid_from <= day),
        or_(MinimumWage.valid_to.is_(None), MinimumWage.valid_to >= day),
    )
    rows = session.scalars(query).all() if places else ()
    known = [row for row in rows if row.monthly is not None or row.hourly is not None]
    known.sort(key=lambda row: (row.region, row.valid_from or date.min), reverse=True)
    nearest = {region: next((row for row in known if row.region in some), None) for region, some in places.items()}
    return {region: row for region, row in nearest.items() if row is not None}
