"""What is odd about a unit: who signs with it in how short a time, what it shares with others, what the register says."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import String, and_, literal, select, tuple_, union_all

from app.access.actors import EMPLOYER, GRADUATE
from app.access.devices import KnownDevice
from app.access.models import Account
from app.base import clock
from app.base.database import session
from app.company_register.queries import FOUND, UNAVAILABLE, known_state
from app.employers.models import Employer, EmployerUser
from app.roster.models import Graduate
from app.schools.seasons.models import ProvinceSeason, SchoolSeason
from app.schools.seasons.queries import changes_until
from app.signals.records import Look, Record, code_of, records_of

Limits = Mapping[str, int]
SMALL: Final = ("1", "2")  # codes of employer_size: below 100 people
NAMED: Final = 10  # units that a signal names


@dataclass(frozen=True)
class Finding:
    """One subject that is odd, what is to be told of it in numbers, and the records that show it."""

    subject: str
    facts: Mapping[str, Any]
    records: Sequence[Record]
    units: Sequence[str]


@dataclass(frozen=True)
class Unknown:
    """Nothing can be said of the subject for now: a signal stays as it is."""

    subject: str


Found = Iterable[Finding | Unknown]


def unit_subjects(look: Look) -> set[str]:
    """Every unit of the batch."""
    return {f"unit:{code}" for code in look.codes}


def _finding(look: Look, code: str, records: Sequence[Record], **facts: Any) -> Finding:
    return Finding(f"unit:{code}", {"unit": look.name_of(code), **facts}, records, [code])


def _most_within(records: Sequence[Record], days: int) -> list[Record]:
    """Of the newest record of each graduate those that lie closest together: the most within so many days."""
    each = sorted({one.graduate_id: one for one in records}.values(), key=lambda one: one.begun_at)
    span, best, first = timedelta(days=days), (0, 0), 0
    for last, one in enumerate(each):
        while one.begun_at - each[first].begun_at > span:
            first += 1
        best = max(best, (last + 1 - first, first))
    return each[best[1] : best[1] + best[0]]


def many_graduates(look: Look, limits: Limits) -> Found:
    """Many graduates in a short time at a unit that is small, new, or known to nobody here."""
    since = clock.now() - timedelta(days=limits["new_days"])
    for code in look.codes:
        unit = look.units.get(code)
        small = unit is not None and unit.size in SMALL
        new = unit is None or unit.verified_at is None or unit.verified_at > since
        records = _most_within(look.of_unit(code), limits["days"]) if small or new else []
        if len(records) >= limits["graduates"]:
            kind = "small" if small else "new" if unit is not None else "stranger"
            yield _finding(look, code, records, count=len(records), kind=kind, **_pick(limits, "days"))


def burst(look: Look, limits: Limits) -> Found:
    """Many signings of a unit within few days, right before a deadline of its graduates' places."""
    deadlines = _deadlines(look.records) if look.codes else {}
    for code in look.codes:
        late: dict[date, list[Record]] = defaultdict(list)
        for one in look.of_unit(code):
            begun = clock.day_of(one.begun_at)
            for day in deadlines.get((one.province_id, one.school_id, one.cohort), ()):
                if day - timedelta(days=limits["before"]) <= begun <= day:
                    late[day].append(one)
        best = max(((_most_within(some, limits["days"]), day) for day, some in late.items()), key=_size, default=None)
        if best is not None and len(best[0]) >= limits["graduates"]:
            records, day = best
            yield _finding(look, code, records, count=len(records), day=day.isoformat(), **_pick(limits, "days"))


def _size(one: tuple[Sequence[Record], date]) -> int:
    return len(one[0])


def _deadlines(records: Sequence[Record]) -> dict[tuple[int, int, int], set[date]]:
    """By place and cohort: until when changes need no review, and until when graduates confirm that they leave."""
    places = {(one.province_id, one.school_id, one.cohort) for one in records}
    if not places:
        return {}
    above = tuple_(ProvinceSeason.province_id, ProvinceSeason.cohort).in_({(place[0], place[2]) for place in places})
    own = tuple_(SchoolSeason.school_id, SchoolSeason.cohort).in_({place[1:] for place in places})
    provinces = {(one.province_id, one.cohort): one for one in session.scalars(select(ProvinceSeason).where(above))}
    schools = {
        (one.school_id, one.cohort): one.leaving_until for one in session.scalars(select(SchoolSeason).where(own))
    }
    return {
        (province, school, cohort): {
            day
            for day in (changes_until(provinces.get((province, cohort)), cohort), schools.get((school, cohort)))
            if day is not None
        }
        for province, school, cohort in places
    }


def not_in_business(look: Look, limits: Limits) -> Found:
    """The company register says that the unit is struck off, revoked or gone."""
    del limits
    for code in look.codes:
        told, records = known_state(code), look.of_unit(code)
        if told is None or told.outcome == UNAVAILABLE:
            yield Unknown(f"unit:{code}")
        elif told.outcome == FOUND and told.stands_out and records:
            since = told.since.isoformat() if told.since else ""
            yield _finding(look, code, records, state=told.state, since=since, count=len(records))


# What units share ----------------------------------------------------------------------------------------------------


def phone_subjects(look: Look) -> set[str]:
    """By the blind index alone: the number itself stands nowhere."""
    return {f"phone:{index.hex()}" for index in look.phones}


def shared_phone(look: Look, limits: Limits) -> Found:
    """Users of several units are reached under one mobile number."""
    query = select(EmployerUser.mobile_index, Employer).join(Employer, Employer.id == EmployerUser.employer_id)
    groups: dict[bytes, dict[int, Employer]] = defaultdict(dict)
    for index, unit in session.execute(query.where(EmployerUser.mobile_index.in_(look.phones))):
        groups[index][unit.id] = unit
    shared = {f"phone:{key.hex()}": [*units.values()] for key, units in groups.items() if len(units) >= limits["units"]}
    yield from _sharing(shared)


def address_subjects(look: Look) -> set[str]:
    """Region and address as registered."""
    return {f"address:{region}:{address}"[:160] for region, address in look.addresses}


def shared_address(look: Look, limits: Limits) -> Found:
    """Several units that came lately give one address."""
    since = clock.now() - timedelta(days=limits["new_days"])
    here = tuple_(Employer.region, Employer.address).in_(look.addresses)
    groups: dict[str, list[Employer]] = defaultdict(list)
    for unit in session.scalars(select(Employer).where(here, Employer.created_at > since).limit(500)):
        groups[f"address:{unit.region}:{unit.address}"[:160]].append(unit)
    yield from _sharing({subject: units for subject, units in groups.items() if len(units) >= limits["units"]})


def _sharing(groups: Mapping[str, Sequence[Employer]]) -> Iterator[Finding]:
    units = {code_of(unit): unit for unit in itertools.chain.from_iterable(groups.values())}
    records = records_of(units, units)
    for subject, some in groups.items():
        codes = sorted(code_of(unit) for unit in some)
        names = sorted(unit.name for unit in some)
        facts = {"unit": names[0], "names": names[:NAMED], "count": len(some)}
        yield Finding(subject, facts, [one for one in records if one.unit in codes], codes)


# Browsers ------------------------------------------------------------------------------------------------------------


def device_of_both(look: Look, limits: Limits) -> Found:
    """A user of the unit and a graduate who signs with it have logged in with one and the same browser."""
    of_unit, of_graduate = _browsers(look)
    for code in look.codes:
        unit = look.units.get(code)
        marks = of_unit.get(unit.id, set()) if unit is not None else set()
        records = [one for one in look.of_unit(code) if marks & of_graduate.get(one.graduate_id, set())]
        people = {one.graduate_id for one in records}
        if len(people) >= limits["graduates"]:
            yield _finding(look, code, records, count=len(people))


def device_of_many(look: Look, limits: Limits) -> Found:
    """Several graduates who sign with one unit have logged in with one and the same browser."""
    _of_unit, of_graduate = _browsers(look)
    for code in look.codes:
        together: dict[bytes, dict[int, Record]] = defaultdict(dict)
        for one in look.of_unit(code):
            for mark in of_graduate.get(one.graduate_id, ()):
                together[mark][one.graduate_id] = one
        most = max(together.values(), key=len, default={})
        if len(most) >= limits["graduates"]:
            yield _finding(look, code, [*most.values()], count=len(most))


def _browsers(look: Look) -> tuple[dict[int, set[bytes]], dict[int, set[bytes]]]:
    """With which browsers the users of each unit, and each graduate, have logged in; by cookie, never by address."""
    if look.browsers is None:
        units, people = {one.id for one in look.units.values()}, {one.graduate_id for one in look.records}
        cookies = and_(KnownDevice.user_id == Account.user_id, KnownDevice.by_cookie)
        of_unit = select(literal(EMPLOYER, String), Account.employer_id, KnownDevice.mark).join(KnownDevice, cookies)
        of_unit = of_unit.where(Account.kind == EMPLOYER, Account.employer_id.in_(units))
        own = and_(Account.kind == GRADUATE, Graduate.id_number_index == Account.person)
        of_people = select(literal(GRADUATE, String), Graduate.id, KnownDevice.mark).join(Account, own)
        of_people = of_people.join(KnownDevice, cookies).where(Graduate.id.in_(people))
        found: dict[str, dict[int, set[bytes]]] = {EMPLOYER: defaultdict(set), GRADUATE: defaultdict(set)}
        for kind, key, mark in session.execute(union_all(of_unit, of_people)):
            found[kind][key].add(mark)
        look.browsers = found[EMPLOYER], found[GRADUATE]
    return look.browsers


def _pick(limits: Limits, *names: str) -> dict[str, int]:
    return {name: limits[name] for name in names}
