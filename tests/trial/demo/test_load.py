"""The demonstration country is what the API contract names, and loading it again changes nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.access.accounts import account_named
from app.access.actors import SYSTEM
from app.base.cohorts import current_cohort
from app.base.database import session
from app.base.values.credit_codes import is_credit_code, organisation_check_character
from app.base.values.id_numbers import is_id_number
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.schools.queries import contact_for, school_by_code, setting_of
from tests.fixtures.statements import counted
from trial.demo import country
from trial.demo.listing import accounts_as_markdown
from trial.demo.load import load_country

TABLES = (
    *("ab_user", "accounts", "provinces", "province_modules", "schools", "departments", "school_settings"),
    *("agreement_contacts", "graduates", "employers", "employer_users", "favorites", "outbox", "notice_templates"),
)
NAMED = {
    "operator": ("operator", None, None, None),
    "province11": ("province", "11", None, None),
    "province32": ("province", "32", None, None),
    "province44": ("province", "44", None, None),
    "school10001": ("school", "11", "10001", None),
    "school10002": ("school", "11", "10002", None),
    "school10284": ("school", "32", "10284", None),
    "school10558": ("school", "44", "10558", None),
    "dept10001a": ("department", "11", "10001", country.INFORMATICS),
    "dept10001b": ("department", "11", "10001", country.LANGUAGES),
}


def _counts(sql: psycopg.Connection[Any]) -> dict[str, int]:
    return {table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # type: ignore[index]


def _graduates(sql: psycopg.Connection[Any]) -> dict[str, tuple[Any, ...]]:
    rows = sql.execute(
        """
        SELECT u.username, s.code, d.name, g.cohort, g.training_mode, g.confirmed_at IS NOT NULL,
               g.invalid_since IS NOT NULL, g.name
        FROM accounts a JOIN ab_user u ON u.id = a.user_id JOIN graduates g ON g.id_number_index = a.person
        JOIN schools s ON s.id = g.school_id JOIN departments d ON d.id = g.department_id
        """
    )
    return {row[0]: row[1:] for row in rows}


def test_loading_again_changes_nothing(sql: psycopg.Connection[Any], app_context: Flask) -> None:
    before = _counts(sql)
    with counted(app_context) as statements:
        assert load_country() == []
    assert len(statements) < 100
    assert _counts(sql) == before


def test_loading_again_keeps_what_was_done_since(fresh_database: str, app_context: Flask) -> None:
    removed = session.scalars(select(Graduate).where(Graduate.invalid_since.is_not(None))).one()
    set_roster_presence(removed.id, present=True, actor=SYSTEM)
    load_country()
    assert not session.scalars(select(Graduate).where(Graduate.invalid_since.is_not(None))).all()


@pytest.mark.parametrize("username", NAMED)
def test_staff_account_is_as_named(username: str, sql: psycopg.Connection[Any]) -> None:
    row = sql.execute(
        """
        SELECT a.kind, p.code, s.code, d.name, a.modules, r.name
        FROM accounts a JOIN ab_user u ON u.id = a.user_id
        LEFT JOIN provinces p ON p.id = a.province_id LEFT JOIN schools s ON s.id = a.school_id
        LEFT JOIN departments d ON d.id = a.department_id
        JOIN ab_user_role ur ON ur.user_id = u.id JOIN ab_role r ON r.id = ur.role_id
        WHERE u.username = %s
        """,
        [username],
    ).fetchone()
    assert row is not None
    assert row[:4] == NAMED[username]
    assert row[4] == ({} if username == "operator" else dict.fromkeys(("employment", "archive", "hukou"), "rw"))
    assert row[5] == row[0].capitalize()


def test_all_accounts_share_the_published_password(app_context: Flask) -> None:
    names = [*NAMED, "employer1", "employer1b", "employer2", "employer3", *(f"graduate{n}" for n in range(1, 21))]
    accounts = [account_named(name) for name in names]
    assert all(account is not None and account.user.active for account in accounts)
    hashes = {account.user.password for account in accounts if account}
    assert all(check_password_hash(kept or "", country.PASSWORD) for kept in hashes)


def test_graduates_are_as_named(sql: psycopg.Connection[Any]) -> None:
    now, people = current_cohort(), _graduates(sql)
    assert len(people) == 20
    schools = {
        **dict.fromkeys(range(1, 7), "10001"),
        **dict.fromkeys(range(7, 13), "10002"),
        **dict.fromkeys(range(13, 17), "10284"),
        **dict.fromkeys(range(17, 21), "10002"),
    }
    for number, school in schools.items():
        assert people[f"graduate{number}"][0] == school
    for number in range(1, 17):
        assert people[f"graduate{number}"][2:6] == (now, "1", True, False)
    departments = [people[f"graduate{number}"][1] for number in range(1, 7)]
    assert departments == [country.INFORMATICS] * 3 + [country.LANGUAGES] * 3
    assert people["graduate17"][2:6] == (now, "21", True, False)
    assert people["graduate18"][2] == now - 1
    assert people["graduate19"][2] == now - 2
    assert people["graduate20"][2:6] == (now, "1", True, True)


def test_names_that_are_hard_to_print_are_among_the_graduates() -> None:
    names = [data.name for data in country.GRADUATES]
    for character in "䶮㛃·":
        assert any(character in name for name in names)


def test_numbers_are_valid_and_distinct() -> None:
    numbers = [data.id_number for data in country.GRADUATES]
    assert all(is_id_number(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    codes = [unit.facts["uscc"] for unit in country.UNITS]
    assert all(is_credit_code(code) and organisation_check_character(code[8:16]) == code[16] for code in codes)


def test_units_and_their_users_are_as_named(sql: psycopg.Connection[Any]) -> None:
    rows = sql.execute(
        "SELECT u.username, e.id, e.verified_at IS NOT NULL FROM accounts a JOIN ab_user u ON u.id = a.user_id"
        " JOIN employers e ON e.id = a.employer_id JOIN employer_users p ON p.user_id = u.id"
    )
    units = {name: (unit, verified) for name, unit, verified in rows}
    assert units["employer1"] == units["employer1b"]
    assert len({unit for unit, _verified in units.values()}) == 3
    assert [units[name][1] for name in ("employer1", "employer2", "employer3")] == [True, True, False]


def test_favorites_of_the_first_unit(sql: psycopg.Connection[Any]) -> None:
    rows = sql.execute(
        "SELECT u.username FROM favorites f JOIN graduates g ON g.id = f.graduate_id"
        " JOIN accounts a ON a.person = g.id_number_index JOIN ab_user u ON u.id = a.user_id"
    )
    assert {row[0] for row in rows} == {f"graduate{number}" for number in (1, 2, 7, 8, 13)}


@pytest.mark.parametrize(("code", "mode"), [("10001", "department_school"), ("10002", "school"), ("10284", "school")])
def test_schools_have_opened_all_modules(code: str, mode: str, app_context: Flask) -> None:
    school = school_by_code(code)
    assert school is not None
    for cohort in (current_cohort(), current_cohort() - 1):
        for module in ("employment", "archive", "hukou"):
            setting = setting_of(school.id, cohort, module)
            assert setting is not None
            assert (setting.open, setting.review_mode, setting.max_terminations) == (True, mode, 2)
            assert bool(setting.types) == (module != "employment")
        assert contact_for(school.id, cohort, "postgraduate") is not None


def test_province_44_has_opened_nothing(sql: psycopg.Connection[Any]) -> None:
    types = dict(sql.execute("SELECT code, agreement_type FROM provinces").fetchall())
    assert types == {"11": "two_party", "32": "three_party", "44": None}
    opened = sql.execute(
        "SELECT p.code, count(*) FROM province_modules m JOIN provinces p ON p.id = m.province_id GROUP BY p.code"
    )
    assert dict(opened.fetchall()) == {"11": 3, "32": 3}
    roster = sql.execute(
        "SELECT count(*) FROM graduates g JOIN schools s ON s.id = g.school_id WHERE s.code = '10558'"
    ).fetchone()
    assert roster == (8,)


def test_listing_names_every_account_and_id_number() -> None:
    table = accounts_as_markdown()
    assert table == accounts_as_markdown()
    for username in (*NAMED, "employer1", "employer1b", "employer2", "employer3"):
        assert f"`{username}`" in table
    for data in country.GRADUATES:
        assert data.id_number in table
        assert data.name in table
