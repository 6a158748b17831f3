"""What is odd about a single record or file: a scan that was handed in before, a day before the unit was, too little pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select, tuple_

from app.base import clock
from app.base.database import session
from app.codes import queries as codes
from app.company_register.queries import UNAVAILABLE, known_state
from app.destination.warnings import minimum_wages
from app.documents.models import StoredFile
from app.recognition.models import Recognition
from app.signals.queries.units import Finding, Found, Limits, Unknown
from app.signals.records import Look, Record, day_of, records_at

_MOST_FILES = 2000


def case_subjects(look: Look) -> set[str]:
    """Every record that was asked for."""
    return {f"{name}:{key}" for name, key in look.cases}


def _finding(look: Look, one: Record, **facts: str) -> Finding:
    unit = (look.name_of(one.unit) if one.unit else one.unit_name) or ""
    return Finding(f"{one.workflow}:{one.id}", {"unit": unit, **facts}, [one], [one.unit] if one.unit else [])


def before_founding(look: Look, limits: Limits) -> Found:
    """The agreement, or the work, begins before the unit was founded."""
    del limits
    for one in look.asked():
        told = known_state(one.unit) if one.unit else None
        if one.unit and (told is None or told.outcome == UNAVAILABLE):
            yield Unknown(f"{one.workflow}:{one.id}")
            continue
        signed = clock.day_of(one.signed_at) if one.signed_at else None
        first = min((day for day in (signed, day_of(one.starts)) if day), default=None)
        if told is not None and told.founded and first and first < told.founded:
            yield _finding(look, one, founded=told.founded.isoformat(), day=first.isoformat())


def under_minimum(look: Look, limits: Limits) -> Found:
    """The monthly pay is below the minimum wage of its place, else below the one number of the setting."""
    asked = [one for one in look.asked() if one.pay]
    known = minimum_wages({one.region for one in asked if one.region})
    for one in asked:
        wage = known.get(one.region or "")
        least = wage.monthly if wage is not None and wage.monthly else Decimal(limits["monthly"])
        pay = _amount(one.pay)
        if least and pay is not None and pay < least:
            place = codes.region_label(wage.region) if wage is not None and wage.monthly else ""
            yield _finding(look, one, pay=f"{pay:f}", least=f"{least:f}", place=place)


def disowned(look: Look, limits: Limits) -> Found:
    """The unit that the record names says that it is not its own."""
    del limits
    asked = {one.place: one for one in look.asked() if one.unit}
    place = tuple_(Recognition.workflow, Recognition.case_id)
    said = select(Recognition).where(Recognition.ours.is_(False), place.in_(list(asked))).order_by(Recognition.id)
    for answer in session.scalars(said) if asked else ():
        one = asked[answer.workflow, answer.case_id]
        if answer.uscc == one.unit:
            day = clock.day_of(answer.answered_at).isoformat()
            yield _finding(look, one, reason=answer.reason or "", day=day)


def _amount(text: str | None) -> Decimal | None:
    try:
        return Decimal(text or "")
    except InvalidOperation:
        return None


# Files ---------------------------------------------------------------------------------------------------------------


def file_subjects(look: Look) -> set[str]:
    """By digest."""
    return {f"file:{digest.hex()}" for digest in look.files}


def same_scan(look: Look, limits: Limits) -> Found:
    """The same file, bit for bit, was handed in for records of several graduates."""
    query = select(StoredFile.sha256, StoredFile.workflow, StoredFile.case_id, StoredFile.created_at).where(
        StoredFile.sha256.in_(look.files), StoredFile.generated.is_(False), StoredFile.graduate_id.is_not(None)
    )
    rows = session.execute(query.order_by(StoredFile.id.desc()).limit(_MOST_FILES)).all()
    records = {one.place: one for one in records_at({(row.workflow, row.case_id) for row in rows})}
    shown: dict[bytes, list[Record]] = defaultdict(list)
    first: dict[bytes, date] = {}
    for row in rows:
        record = records.get((row.workflow, row.case_id))
        if record is not None and record not in shown[row.sha256]:
            shown[row.sha256].append(record)
            first[row.sha256] = clock.day_of(row.created_at)
    for digest, some in shown.items():
        people = {one.graduate_id for one in some}
        if len(people) >= limits["graduates"]:
            facts = {
                "unit": _unit_of(some),
                "count": len(people),
                "records": len(some),
                "day": first[digest].isoformat(),
            }
            yield Finding(f"file:{digest.hex()}", facts, some, sorted({one.unit for one in some if one.unit}))


def _unit_of(records: Sequence[Record]) -> str:
    return next((one.unit_name for one in records if one.unit_name), "")
