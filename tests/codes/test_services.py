"""Operators' edits: what is refused, what follows from an edit, and that it is marked as theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import OPERATOR, Actor
from app.access.audit import AuditLine
from app.base.database import session
from app.base.errors import Forbidden, Invalid
from app.codes import cache, queries
from app.codes.models import CodeEntry, CodesVersion, Region, University
from app.codes.services import (
    CODES_VIEW,
    REGIONS_VIEW,
    UNIVERSITIES_VIEW,
    save_code_entry,
    save_region,
    save_university,
)
from tests.fixtures.undoing import undoing

VIEWS = (CODES_VIEW, REGIONS_VIEW, UNIVERSITIES_VIEW)
ACTOR = Actor(
    kind=OPERATOR,
    username="operator",
    permissions=frozenset((permission, view) for permission in ("can_add", "can_edit") for view in VIEWS),
)


@pytest.fixture(autouse=True)
def _undone(reference: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything a test does is one transaction that is undone in the end."""
    monkeypatch.setattr(cache, "CHECK_EVERY", 0.0)
    with undoing():
        yield


def _line(**values: Any) -> CodeEntry:
    return CodeEntry(**{"code_table": "destination", "code": "10G", "label": "新类别", "parent": "10", **values})


def _refused(prepare: Any, row: Any) -> set[str]:
    with pytest.raises(Invalid) as refused:
        prepare(row, actor=ACTOR)
    return set(refused.value.errors)


def test_a_new_code_is_tidied_marked_and_seen() -> None:
    line = _line(code=" 10G ", label=" 新类别 ")
    save_code_entry(line, actor=ACTOR)
    session.flush()
    assert (line.code, line.label, line.edited_by, line.source) == ("10G", "新类别", "operator", None)
    assert line.edited_at is not None
    assert queries.exists("destination", "10G")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"label": "  "}, "label"),
        ({"code": ""}, "code"),
        ({"code": "10A"}, "valid_from"),
        ({"code": "10A", "valid_to": date(1999, 12, 31)}, "valid_from"),
        ({"valid_from": date(2027, 1, 2), "valid_to": date(2027, 1, 1)}, "valid_to"),
        ({"parent": "nowhere"}, "parent"),
        ({"parent": "10G"}, "parent"),
    ],
)
def test_a_wrong_line_is_refused(values: dict[str, Any], field: str) -> None:
    assert field in _refused(save_code_entry, _line(**values))


def test_a_parent_below_the_code_is_refused() -> None:
    group = session.scalars(select(CodeEntry).filter_by(code_table="destination", code="G1")).one()
    group.parent = "10A"
    assert _refused(save_code_entry, group) == {"parent"}


def test_the_parent_of_an_industry_is_a_section_of_the_standard() -> None:
    line = _line(code_table="employer_industry", code="91", parent="C")
    save_code_entry(line, actor=ACTOR)
    line.parent = "22"
    assert _refused(save_code_entry, line) == {"parent"}


def test_a_code_may_come_again_after_its_end() -> None:
    old = session.scalars(select(CodeEntry).filter_by(code_table="destination", code="10A")).one()
    old.valid_to = date(2026, 12, 31)
    save_code_entry(old, actor=ACTOR)
    session.flush()
    assert _refused(save_code_entry, _line(code="10A", valid_from=date(2026, 12, 31))) == {"valid_from"}
    save_code_entry(_line(code="10A", valid_from=date(2027, 1, 1)), actor=ACTOR)


def test_every_edit_changes_the_version() -> None:
    before = session.scalar(select(CodesVersion.version))
    save_code_entry(_line(), actor=ACTOR)
    assert session.scalar(select(CodesVersion.version)) != before


def test_a_new_county_finds_its_place() -> None:
    county = Region(code="110120", name="新区")
    save_region(county, actor=ACTOR)
    assert (county.level, county.parent, county.full_name) == ("county", "110100", "北京市 新区")


def test_a_new_province_needs_nothing_above() -> None:
    province = Region(code="990000", name="新省")
    save_region(province, actor=ACTOR)
    assert (province.level, province.parent, province.full_name) == ("province", None, "新省")


def test_a_renamed_city_renames_what_lies_below() -> None:
    city = session.get_one(Region, "320100")
    city.name = "宁市"
    save_region(city, actor=ACTOR)
    session.flush()
    assert queries.region_label("320102") == "江苏省 宁市 玄武区"
    assert queries.region_label("320000") == "江苏省"


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("11012", "新区", "code"),
        ("11012a", "新区", "code"),
        ("１１０１２０", "新区", "code"),
        ("990101", "新区", "code"),
        ("110120", " ", "name"),
    ],
)
def test_a_wrong_region_is_refused(code: str, name: str, field: str) -> None:
    assert field in _refused(save_region, Region(code=code, name=name))


def test_a_university_has_the_end_of_its_identifier_as_code() -> None:
    school = University(identifier="4111099999", name="新大学", province="110000", level="本科")
    save_university(school, actor=ACTOR)
    assert school.code == "99999"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"identifier": "99999"}, "identifier"),
        ({"province": "990000"}, "province"),
        ({"name": ""}, "name"),
        ({"level": ""}, "level"),
    ],
)
def test_a_wrong_university_is_refused(values: dict[str, Any], field: str) -> None:
    right = {"identifier": "4111099999", "name": "新大学", "province": "110000", "level": "本科"}
    assert field in _refused(save_university, University(**{**right, **values}))


def test_a_key_already_in_use_is_refused() -> None:
    assert _refused(save_region, Region(code="110108", name="新区")) == {"code"}
    taken = University(identifier="4111010001", name="新大学", province="110000", level="本科")
    assert _refused(save_university, taken) == {"identifier"}


def test_a_code_is_never_changed() -> None:
    region = session.get_one(Region, "110108")
    region.code = "110120"
    assert "code" in _refused(save_region, region)
    session.rollback()
    line = session.scalars(select(CodeEntry).filter_by(code_table="destination", code="10A")).one()
    line.code = "10G"
    assert _refused(save_code_entry, line) == {"code"}
    session.rollback()
    school = session.get_one(University, "10001")
    school.identifier = "4111099999"
    assert "identifier" in _refused(save_university, school)


def test_only_whoever_has_the_permission_may_save() -> None:
    nobody = Actor(kind=OPERATOR, username="operator")
    for save, row in ((save_code_entry, _line()), (save_region, Region(code="110120", name="新区"))):
        with pytest.raises(Forbidden):
            save(row, actor=nobody)


def test_an_edit_leaves_a_line_in_the_audit_trail() -> None:
    city = session.get_one(Region, "320100")
    city.name = "宁市"
    save_region(city, actor=ACTOR)
    session.flush()
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    assert (line.action, line.actor, line.detail["name"]) == ("can_edit", "operator", ["南京市", "宁市"])


def test_a_new_line_without_position_comes_last() -> None:
    line = _line()
    save_code_entry(line, actor=ACTOR)
    session.flush()
    assert queries.choices("destination")[-1] == ("10G", "新类别")
