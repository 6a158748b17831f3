"""Fills three schools with invented people and records of the last weeks, through the services alone."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final

from sqlalchemy import select

from app.access.accounts import account_named, hash_password
from app.access.actors import DEPARTMENT, SCHOOL, SYSTEM, Actor, load_actor
from app.access.models import Account
from app.base import clock
from app.base.cohorts import current_cohort
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Conflict
from app.employers.renewal.services import open_renewals
from app.employers.services import unit_by_code
from app.ems.roster_push import post_roster
from app.flags.services import add_warning
from app.roster.models import Graduate
from app.roster.services.intake import add_graduates
from app.schools.models import DEPARTMENT_FIRST, SCHOOL_ONLY, Province
from app.schools.seasons.services import save_school_season
from app.schools.services import add_school
from app.workflow import registry
from trial.demo import country, names
from trial.demo.country import GraduateData, SchoolData, StaffData, UnitData
from trial.demo.load import load_settings, load_staff, load_unit, settle_graduate
from trial.demo.stories import Person, Story, Unit, stories

EACH: Final = 210  # graduates of a school
_SETTLED: Final = timedelta(days=60)  # before the first record
_BEGUN, _OPEN_FOR = timedelta(days=12), timedelta(days=45)  # the days of the leaving confirmation
_RENEWED_IN: Final = timedelta(days=21)  # the verification of unit1 ends: its owner is asked to confirm its data
_FIRST_SERIAL = 5000  # of people and units: beyond those of the country and of no generated one

TSINGHUA: Final = SchoolData(
    *("10003", "清华大学", "11", SCHOOL_ONLY, ("厉行之", "010-55550303", "北京市海淀区清华园1号", "100084"))
)
SUZHOU: Final = SchoolData(
    *("10285", "苏州大学", "32", DEPARTMENT_FIRST, ("商洛水", "0512-55550404", "江苏省苏州市姑苏区十梓街1号", "215006"))
)
SCHOOLS: Final = (TSINGHUA, SUZHOU)
# School -> department -> majors.
STUDIES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "10001": {
        country.INFORMATICS: ("计算机科学与技术", "软件工程", "智能科学与技术"),
        country.LANGUAGES: ("英语", "日语语言文学", "翻译"),
    },
    "10003": {
        "电子工程系": ("电子信息工程", "通信工程"),
        "土木水利学院": ("土木工程", "水利工程"),
        "经济管理学院": ("会计学", "金融学"),
    },
    "10285": {"纺织与服装工程学院": ("纺织工程", "轻化工程"), "文学院": ("汉语言文学", "秘书学")},
}
STAFF: Final = (
    StaffData("school10003", "顾行舟", SCHOOL, school="10003"),
    StaffData("school10285", "江疏影", SCHOOL, school="10285"),
    StaffData("dept10285a", "梅映雪", DEPARTMENT, school="10285", department="纺织与服装工程学院"),
    StaffData("dept10285b", "沈听澜", DEPARTMENT, school="10285", department="文学院"),
)
REVIEWERS: Final = {
    ("10001", country.INFORMATICS): "dept10001a",
    ("10001", country.LANGUAGES): "dept10001b",
    ("10285", "纺织与服装工程学院"): "dept10285a",
    ("10285", "文学院"): "dept10285b",
}
UNITS: Final = 8


def unit_username(number: int) -> str:
    """The account of the living country's units, counted from 1."""
    return f"unit{number}"


def bring_to_life() -> dict[str, int]:
    """Add the schools, people, units and records; returns how many of each, {} where all of it is there already.

    For the command line, after load_country(); what an interrupted run has left out is added by the next. Steps happen
    in the order of their days, each in the past, so that lists, deadlines, notices and figures look like a November.
    """
    rng = Random(2027)  # noqa: S311 - the same country every time
    rows = list(_rows(rng))
    known = [_unit_data(number, rng) for number in range(1, UNITS + 1)]
    new = account_named(STAFF[0].username) is None
    if new:
        _settle(rows, known)
        open_renewals()
    people, units = _people(rows), [Unit(unit.facts, account_actor(unit.users[0][0])) for unit in known]
    begun = _with_records()
    open_stories = [story for person, story in stories(people, units, rng) if person.graduate_id not in begun]
    if not open_stories and not new:
        return {}
    steps, overtaken = _play(open_stories)
    added = {"graduates": len(people) if new else 0, "units": len(units) if new else 0}
    return {**added, "steps": steps, "overtaken": overtaken}


def _settle(rows: Sequence[Mapping[str, Any]], units: Iterable[UnitData]) -> None:
    """Schools, people, units and warnings: all of it or nothing."""
    password = hash_password(country.PASSWORD)
    with transaction():
        provinces = {one.code: one for one in session.scalars(select(Province))}
        schools = {one.code: add_school(one.code, one.name, provinces[one.province], actor=SYSTEM) for one in SCHOOLS}
        graduates = add_graduates(list(rows), actor=SYSTEM)
        load_staff(STAFF, schools, password)
        for one in SCHOOLS:
            load_settings(one, schools[one.code], STAFF)
        post_roster((one.id for one in graduates), key="demonstration:living")
        known = list(units)
        for unit in known:
            load_unit(unit, password)
        for graduate in graduates:
            settle_graduate(graduate, f"g{graduate.exam_number}", password, _SETTLED)
        for one in SCHOOLS:
            days = {"from": f"{clock.today() - _BEGUN:%Y-%m-%d}", "until": f"{clock.today() + _OPEN_FOR:%Y-%m-%d}"}
            save_school_season({"leaving": days}, current_cohort(), actor=account_actor(f"school{one.code}"))
        for school, unit in (("school10001", known[6]), ("school10285", known[7])):
            _warn(school, unit)
        renewing = unit_by_code(known[0].facts["uscc"])
        assert renewing is not None
        renewing.verified_until = clock.now() + _RENEWED_IN


def _warn(school: str, unit: UnitData) -> None:
    facts = {"uscc": unit.facts["uscc"], "name": unit.facts["name"], "kinds": ["2"]}
    add_warning({**facts, "reason": "多名毕业生反映入职条件与承诺不符"}, actor=account_actor(school))


def _people(rows: Iterable[Mapping[str, Any]]) -> list[Person]:
    """The living part's graduates in the order in which they were invented, with who reviews their records."""
    wanted = [blind_index(row["id_number"]) for row in rows]
    query = select(Graduate).where(Graduate.id_number_index.in_(wanted)).options(*Graduate.eager_options())
    found = {bytes(one.id_number_index): one for one in session.scalars(query)}
    users = dict(
        session.execute(select(Account.person, Account.user_id).where(Account.person.in_(wanted))).tuples().all()
    )
    reviewers = {
        name: account_actor(name) for name in {*REVIEWERS.values(), "school10001", "school10003", "school10285"}
    }
    people = []
    for index in wanted:
        graduate = found[index]
        school = graduate.school.code
        department = REVIEWERS.get((school, graduate.department.name))
        hands = [reviewers[department]] if department else []
        people.append(
            Person(
                *(load_actor(users[index]), graduate.id, graduate.name, graduate.id_number, graduate.school.name),
                (*hands, reviewers[f"school{school}"]),
            )
        )
    return people


def _with_records() -> set[int]:
    """Who has a record already, of any kind: their story has begun."""
    models = [one.model for one in registry.all_workflows() if hasattr(one.model, "graduate_id")]
    return {found for model in models for found in session.scalars(select(model.graduate_id).distinct()) if found}


def _rows(rng: Random) -> Iterator[dict[str, Any]]:
    cohort, serial = current_cohort(), _FIRST_SERIAL
    for school, departments in STUDIES.items():
        places = [(department, major) for department, majors in departments.items() for major in majors]
        for number in range(EACH):
            serial += 1
            department, major = places[number % len(places)]
            sex = rng.choice((names.MALE, names.FEMALE))
            name = names.invented_name(rng, sex)
            education = rng.choices(("31", "11", "01"), (7, 3, 1))[0]
            born = date(cohort - {"31": 22, "11": 25, "01": 28}[education], rng.randint(1, 12), rng.randint(1, 28))
            data = GraduateData(
                *(None, school, department, major, name, names.invented_id_number(rng, sex, born, serial)),
                names.invented_mobile(rng, serial),
                education=education,
                ethnicity=names.invented_ethnicity(rng, name),
                political_status=rng.choice(("01", "02", "03", "03", "13")),
                origin_region=rng.choice(("110108", "320505", "370102", "330106", "510107", "420106", "440305")),
            )
            yield data.row(cohort, serial)


def _unit_data(number: int, rng: Random) -> UnitData:
    name = names.invented_employer_name(rng, _FIRST_SERIAL + number)
    facts = {
        **country.UNITS[number % 2].facts,
        "name": name,
        "short_name": name[2:5],
        "uscc": names.invented_credit_code(rng, _FIRST_SERIAL + number),
        "industry": rng.choice(("22", "34", "38", "39")),
        "region": rng.choice(("110108", "320505", "310115", "440305")),
        "intro": "",
        "website": None,
    }
    person, mobile = names.invented_name(rng, names.FEMALE), names.invented_mobile(rng, _FIRST_SERIAL + 90_000 + number)
    user = country.unit_user(unit_username(number), person, "2", "招聘主管", f"010-5555{2000 + number}", mobile)
    return UnitData(True, facts, (user,))


def account_actor(username: str) -> Actor:
    """Who acts behind an account of this name."""
    account = account_named(username)
    assert account is not None
    return load_actor(account.user_id)


def _play(all_stories: Iterable[Story]) -> tuple[int, int]:
    """Run all stories side by side in the order of their days; nothing happens after now.

    Returns the steps, and how many stories the platform's own clock has overtaken: to it an invitation of last month
    that nobody has answered yet is over. Such a story ends there, and the others go on.
    """
    order, steps, overtaken, now = count(), 0, 0, clock.now()
    waiting: list[tuple[datetime, int, Story]] = []
    for story in all_stories:
        heapq.heappush(waiting, (now + timedelta(days=next(story)), next(order), story))
    while waiting:
        when, _number, story = heapq.heappop(waiting)
        if when > now:
            continue
        later = None
        try:
            with clock.moved(when - clock.now()):
                later = next(story, None)
        except Conflict as refused:
            if refused.code != "wrong_state":
                raise
            overtaken += 1
        session.remove()  # each step as a request of its own
        steps += 1
        if later is not None:
            heapq.heappush(waiting, (when + timedelta(days=later), next(order), story))
    return steps, overtaken
