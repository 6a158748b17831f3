"""Provinces, schools and departments of the generated country: real names from the list of universities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from random import Random
from typing import Final

from sqlalchemy import select

from app.access.actors import MODULES, SYSTEM
from app.base.database import session
from app.codes import queries as codes
from app.codes.models import University
from app.schools.models import (
    DEPARTMENT_FIRST,
    SCHOOL_ONLY,
    THREE_PARTY,
    TWO_PARTY,
    WHOLE_SCHOOL,
    Department,
    Province,
    School,
    SchoolSetting,
)
from app.schools.queries import contact_for, departments_of, has_opened, setting_of
from app.schools.services import add_province, add_school, open_province_module, save_school_setting
from trial.demo.country import SCHOOLS as DEMONSTRATION
from trial.demo.generator.plan import DepartmentPlan, SchoolPlan, Season
from trial.demo.names import FEMALE, invented_name

_A_FEW: Final = 150
_PER_SCHOOL: Final = 60  # graduates, before there is another school of these
_GROWN: Final = 6_600  # of three cohorts, as a school has them in life: a larger country has more schools

_DEPARTMENTS: Final = (
    ("计算机学院", ("计算机科学与技术", "软件工程", "数据科学与大数据技术")),
    ("机械工程学院", ("机械设计制造及其自动化", "机械电子工程", "工业设计")),
    ("电气工程学院", ("电气工程及其自动化", "自动化", "新能源科学与工程")),
    ("土木工程学院", ("土木工程", "工程管理", "给排水科学与工程")),
    ("经济管理学院", ("会计学", "金融学", "市场营销", "人力资源管理")),
    ("外国语学院", ("英语", "日语", "翻译")),
    ("化学与材料学院", ("应用化学", "材料科学与工程", "化学工程与工艺")),
    ("生命科学学院", ("生物科学", "生物技术", "食品科学与工程")),
    ("文学与传媒学院", ("汉语言文学", "新闻学", "网络与新媒体")),
    ("法学院", ("法学", "社会工作", "知识产权")),
    ("护理与健康学院", ("护理学", "康复治疗学", "健康服务与管理")),
    ("教育学院", ("学前教育", "小学教育", "教育技术学")),
)


def schools_for(graduates: int) -> int:
    """How many schools so many graduates fill."""
    return max(2, min(graduates // _PER_SCHOOL, _A_FEW), graduates // _GROWN)


def prepare_schools(wanted: int, seasons: Sequence[Season], rng: Random) -> tuple[SchoolPlan, ...]:
    """Open so many schools, spread over the provinces, and tell what was set for them.

    Schools and provinces that are there are used as they are; a province that has opened nothing is left alone.
    Runs in the caller's transaction.
    """
    closed = set(session.scalars(select(Province.code).where(Province.agreement_type.is_(None))))
    plans: list[SchoolPlan] = []
    for place in _universities():
        if len(plans) == wanted:
            break
        if place.province[:2] not in closed and _is_free(place.code):
            plans.append(_open_school(place, seasons, rng))
    return tuple(plans)


def prepare_school(code: str, seasons: Sequence[Season], rng: Random) -> SchoolPlan:
    """Open this school, also one of the demonstration's; raises LookupError where it is none or its province is closed."""
    place = session.scalar(select(University).where(University.code == code))
    if place is None:
        raise LookupError(f"there is no school {code}")
    if session.scalar(
        select(Province.id).where(Province.code == place.province[:2], Province.agreement_type.is_(None))
    ):
        raise LookupError(f"the province of {place.name} has not opened signing")
    return _open_school(place, seasons, rng)


def _universities() -> Iterator[University]:
    """Real universities, one of each province in turn."""
    by_province: dict[str, list[University]] = defaultdict(list)
    for place in session.scalars(select(University).order_by(University.level, University.code)):
        by_province[place.province].append(place)
    for turn in zip_longest(*by_province.values()):
        yield from (place for place in turn if place is not None)


def _is_free(code: str) -> bool:
    """The demonstration's own schools keep their small rosters; what an earlier run made can be used again."""
    return code not in {school.code for school in DEMONSTRATION}


def _open_school(place: University, seasons: Sequence[Season], rng: Random) -> SchoolPlan:
    province = _open_province(place.province[:2])
    school = add_school(place.code, place.name, province, actor=SYSTEM)
    review_mode = DEPARTMENT_FIRST if rng.random() < 0.4 else SCHOOL_ONLY
    contact_name = invented_name(rng, FEMALE)
    for season in seasons:
        _set_up(school, season.cohort, review_mode, contact_name)
    current = seasons[-1].cohort
    setting, contact = setting_of(school.id, current), contact_for(school.id, current, "undergraduate")
    assert setting is not None
    assert contact is not None
    assert province.agreement_type is not None
    return SchoolPlan(
        id=school.id,
        code=school.code,
        name=school.name,
        province_id=province.id,
        province_code=province.code,
        agreement_type=province.agreement_type,
        review_mode=setting.review_mode,
        is_college=place.level == "专科",
        departments=_departments(school, rng),
        contact={name: getattr(contact, name) for name in ("name", "phone", "address", "postcode")},
    )


def _open_province(code: str) -> Province:
    region = codes.region(f"{code}0000")
    province = add_province(code, region.label if region else code, actor=SYSTEM)
    agreement_type = TWO_PARTY if int(code) % 2 else THREE_PARTY
    for module in MODULES:
        if not has_opened(province.id, module):
            open_province_module(module, agreement_type, actor=replace(SYSTEM, province_id=province.id))
    return province


def _set_up(school: School, cohort: int, review_mode: str, contact_name: str) -> None:
    if setting_of(school.id, cohort) is None:
        # Not by the service: it would tell the employment system, which knows nothing of these schools.
        setting = SchoolSetting(school_id=school.id, cohort=cohort, module="employment", open=True, types=[])
        setting.province_id, setting.review_mode, setting.max_terminations = school.province_id, review_mode, 2
        session.add(setting)
    if contact_for(school.id, cohort, "undergraduate") is None:
        place = {"phone": "010-55559000", "address": f"{school.name}学生事务中心", "postcode": "100000"}
        contact = {"level": WHOLE_SCHOOL, "name": contact_name, **place}
        save_school_setting({"contacts": [contact]}, cohort, actor=replace(SYSTEM, school_id=school.id))


def _departments(school: School, rng: Random) -> tuple[DepartmentPlan, ...]:
    majors = dict(_DEPARTMENTS)
    if not (there := departments_of(school.id)):
        chosen = rng.sample(_DEPARTMENTS, rng.randint(5, 9))
        there = [Department(school_id=school.id, province_id=school.province_id, name=name) for name, _majors in chosen]
        session.add_all(there)
        session.flush()
    return tuple(DepartmentPlan(one.id, one.name, majors.get(one.name, (one.name,))) for one in there)
