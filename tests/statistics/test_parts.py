"""Figures are kept school by school and never told once something has changed there (R11.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.base.cohorts import current_cohort
from app.base.database import session
from app.statistics.employment.queries.asked import Asked
from app.statistics.employment.queries.table import employment_table
from app.statistics.employment.services import fold_changes
from app.statistics.groups import GROUPINGS
from tests.fixtures.statements import counted
from tests.signing.stage import user

# Names of places and codes are read anew each time; what changes of a unit is noted row by row.
_NAMES = {"schools", "departments", "school_settings", "accounts", "provinces"}
_SUMS = "SELECT school_id, mod(sum(mark), 4611686018427387904) FROM figure_changes GROUP BY school_id ORDER BY 1"


def _told(name: str = "province11", by: str = "school") -> Any:
    table = employment_table(Asked(current_cohort(), (by,)), actor=user(name))
    return [(line.key, line.total, line.registered, line.in_review, line.codes) for line in table.lines]


def test_all_that_is_counted_from_is_noted(app_context: Flask, sql: psycopg.Connection) -> None:
    """Each table of the statements, whatever they are grouped by, tells of every kind of change."""
    read: set[str] = set()
    actor = user("dept10001a")
    for by in GROUPINGS:
        with counted(app_context) as seen:
            employment_table(Asked(current_cohort(), (by,)), actor=actor)
        read |= {name for statement in seen for name in re.findall(r"(?:FROM|JOIN) (\w+)", statement)}
    rows = sql.execute(
        "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgname LIKE 'note_figures%' GROUP BY 1"
    ).fetchall()
    noted = dict(rows)
    real = {name for (name,) in sql.execute("SELECT relname FROM pg_class WHERE relkind = 'r'").fetchall()}
    wanted = read & real - _NAMES
    assert {"graduates", "claims", "online_signings", "employers"} <= wanted
    assert {name: noted.get(name, 0) for name in wanted} == {name: 1 if name == "employers" else 3 for name in wanted}


def test_kept_until_something_changes(app_context: Flask, sql: psycopg.Connection) -> None:
    first = _told()
    with counted(app_context) as seen:
        assert _told() == first
    assert not any("claims" in statement for statement in seen)
    graduate = user("graduate9").graduate_ids[0]
    sql.execute("UPDATE graduates SET invalid_since = now() WHERE id = %s", [graduate])
    session.rollback()
    with counted(app_context) as seen:
        then = {key: total for key, total, *_ in _told()}
    assert any("claims" in statement for statement in seen)
    before = {key: total for key, total, *_ in first}
    assert [before[key] - then[key] for key in then if before[key] != then[key]] == [1]
    sql.execute("UPDATE graduates SET invalid_since = NULL WHERE id = %s", [graduate])
    session.rollback()
    assert _told() == first


def test_what_is_taken_back_was_never_told(app_context: Flask) -> None:
    """Figures that were asked for within a change that did not come to pass are not those of the next one."""
    first = _told()
    session.execute(text("UPDATE graduates SET invalid_since = now() WHERE school_id = (SELECT min(id) FROM schools)"))
    assert _told() != first
    session.rollback()
    assert _told() == first


def test_a_unit_changes_its_groups(app_context: Flask, sql: psycopg.Connection) -> None:
    for by in ("employer_nature", "sex"):
        _told("operator", by)
    sql.execute("UPDATE employers SET nature = CASE nature WHEN '10' THEN '20' ELSE '10' END")
    session.rollback()
    for by, anew in (("employer_nature", True), ("sex", False)):
        with counted(app_context) as seen:
            _told("operator", by)
        assert any("claims" in statement for statement in seen) == anew


def test_folded_notes_say_the_same(app_context: Flask, sql: psycopg.Connection) -> None:
    for _time in range(3):
        sql.execute("UPDATE graduates SET updated_at = updated_at")
        sql.execute("UPDATE employers SET size = '1' WHERE size IS DISTINCT FROM '1'")
        sql.execute("UPDATE employers SET size = '2'")
    session.rollback()
    first, sums = _told(), sql.execute(_SUMS).fetchall()
    assert fold_changes() > 0
    assert sql.execute(_SUMS).fetchall() == sums
    assert sql.execute(
        "SELECT max(n) FROM (SELECT count(*) n FROM figure_changes GROUP BY school_id) x"
    ).fetchone() == (1,)
    with counted(app_context) as seen:
        assert _told() == first
    assert not any("claims" in statement for statement in seen)
    assert fold_changes() == 0


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0"])
def test_without_what_keeps_them(app_context: Flask, change_settings: Callable[..., None], address: str) -> None:
    first = _told()
    change_settings(redis_url=address)
    assert _told() == first
