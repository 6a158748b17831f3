"""A generated country many times over: its rows copied inside PostgreSQL, where generating them would take hours.

Every copy has schools, departments and units of its own, under the codes and names of universities that are still free,
so that schools keep the size that they have in life and only their number grows; the provinces stay what they are.
Keys are shifted, numbers of agreements and all that is unique are made anew. Two things are copied as they are: what is
sealed for its row (it takes the same room; who measures opens it as the row that it was copied from, `open_copies`) and
the hashes of the histories, so that these chains do not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from cryptography.exceptions import InvalidTag

_MEMORY = "1GB"  # of a session that builds indexes
_CHECKED = 17  # digits of an agreement number before its check character
# How each column of a copy comes about, where it is not what it was: {table}'s key is shifted by its stride.
_KEYS = {
    "id": "{own}",
    "school_id": "schools",
    "chain": "schools",
    "department_id": "departments",
    "graduate_id": "graduates",
    "employer_id": "employers",
    "case_id": "online_signings",
}


@dataclass(frozen=True)
class _Table:
    """A table whose rows are copied, which of them, and what is made anew in them."""

    name: str
    of_a_school: str | None = "school_id"  # the column that says whose row it is; None: by its graduate, or all of them
    joins: str = ""
    anew: tuple[tuple[str, str], ...] = ()


_NUMBER = "CASE WHEN t.number IS NOT NULL THEN pg_temp.renumbered(t.number, u.code) END"
_OF_GRADUATE = "JOIN graduates g ON g.id = t.graduate_id JOIN copied_schools u ON u.id = g.school_id"
# Two groups that are written side by side: the signings weigh as much as everything else.
_PLACES = (
    _Table("schools", "id", anew=(("code", "u.code"), ("name", "u.name"))),
    _Table("departments"),
    _Table("school_settings"),
    _Table("agreement_contacts"),
    _Table("employers", None, anew=(("uscc", "overlay(t.uscc PLACING 'O' || chr(64 + {copy}) FROM 17)"),)),
    _Table("agreement_serials"),
    _Table("history_heads", "chain"),
)
_SIGNINGS = (_Table("online_signings", anew=(("number", _NUMBER),)),)
_PEOPLE = (
    _Table("graduates", anew=(("id_number_index", "substr(sha256(t.id_number_index || int4send({copy})), 1, 16)"),)),
    _Table("history", "chain"),
    _Table("favorites", None, _OF_GRADUATE),
    _Table("claims", None, _OF_GRADUATE),
    _Table(
        "agreement_numbers",
        None,
        "JOIN online_signings s ON t.workflow = 'online_signing' AND s.id = t.case_id"
        " JOIN copied_schools u ON u.id = s.school_id",
        (("number", "pg_temp.renumbered(t.number, u.code)"),),
    ),
)
_ALL = (*_PLACES, *_SIGNINGS, *_PEOPLE)
_SERIAL = ("schools", "departments", "employers", "online_signings", "graduates", "history", "favorites")


def multiply(address: str, copies: int) -> dict[str, int]:
    """Add so many copies of what was generated to the database. Nobody else may work in it meanwhile.

    Returns by table how far the keys of one copy lie from those of the next.
    """
    with psycopg.connect(address, autocommit=True) as connection, _loading(connection):
        strides = {name: _most(connection, name) for name in _SERIAL}
        _name_schools(connection, copies, strides["schools"])
        rebuilt = {one.name: _without_indexes(connection, one.name) for one in (*_SIGNINGS, *_PEOPLE)}
        _copy(address, _PLACES, strides, copies, {})
        with ThreadPoolExecutor(2) as side_by_side:
            parts = [
                side_by_side.submit(_copy, address, part, strides, copies, rebuilt) for part in (_SIGNINGS, _PEOPLE)
            ]
            for part in parts:
                part.result()
        for name in _SERIAL:
            connection.execute(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))")
        connection.execute("DROP TABLE copied_schools")
    return strides


def open_copies(strides: Mapping[str, int]) -> None:
    """Let this process open what was copied, too: at the place of the row that it was sealed for."""
    from app.base import sealed

    plain = sealed.open_sealed

    def opened(data: bytes, place: bytes) -> bytes:
        try:
            return plain(data, place)
        except InvalidTag:
            column, _bar, row = place.decode().partition("|")
            first = (int(row) - 1) % strides[column.partition(".")[0]] + 1
            return plain(data, sealed.place_of(column, first))

    sealed.open_sealed = opened


@contextmanager
def _loading(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Set the server for a load that is repeated if it fails, and afterwards as it was."""
    for name, value in (("fsync", "off"), ("autovacuum", "off"), ("full_page_writes", "off"), ("max_wal_size", "8GB")):
        connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    connection.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CHECKPOINT")


def _most(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT max(id) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _name_schools(connection: psycopg.Connection[Any], copies: int, stride: int) -> None:
    """Which university each copy of a school is: of its own province, while that has one left."""
    connection.execute(
        "CREATE TABLE copied_schools (copy int, id bigint, code text, name text, PRIMARY KEY (copy, id))"
    )
    free: dict[str, list[tuple[str, str]]] = {}
    for province, code, name in connection.execute(
        "SELECT left(province, 2), code, name FROM universities u"
        " WHERE NOT EXISTS (SELECT FROM schools s WHERE s.code = u.code OR s.name = u.name) ORDER BY level, code"
    ):
        free.setdefault(province, []).append((code, name))
    schools = connection.execute(
        "SELECT s.id, p.code FROM schools s JOIN provinces p ON p.id = s.province_id"
        " WHERE EXISTS (SELECT FROM history_heads h WHERE h.chain = s.id) ORDER BY s.id"
    ).fetchall()
    if len(schools) * copies > sum(map(len, free.values())):
        raise SystemExit(f"There are not universities enough for {copies} copies of {len(schools)} schools.")
    with connection.cursor().copy("COPY copied_schools FROM STDIN") as rows:
        for copy in range(1, copies + 1):
            for key, province in schools:
                place = free.get(province) or max(free.values(), key=len)
                code, name = place.pop(0)
                rows.write_row((copy, key, code, name))


def _without_indexes(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Drop the indexes that nothing refers to; returns the statements that make them again."""
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint c WHERE conrelid = %s::regclass"
        " AND contype IN ('p', 'u') AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = c.conrelid)",
        [table],
    ).fetchall()
    again = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {what}" for name, what in constraints]
    for name, _what in constraints:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [table],
    ).fetchall()
    for name, _what in indexes:
        connection.execute(f"DROP INDEX {name}")
    return [*again, *(what for _name, what in indexes)]


def _copy(
    address: str, tables: Sequence[_Table], strides: dict[str, int], copies: int, rebuilt: dict[str, list[str]]
) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no look at what is referred to
        connection.execute("SET synchronous_commit = off")
        connection.execute(f"SET maintenance_work_mem = '{_MEMORY}'")
        connection.execute(_RENUMBERED)
        for table in tables:
            for copy in range(1, copies + 1):
                connection.execute(_statement(connection, table, strides, copy))
            for statement in rebuilt.get(table.name, ()):
                connection.execute(statement)
            connection.execute(f"VACUUM (ANALYZE) {table.name}")


def _statement(connection: psycopg.Connection[Any], table: _Table, strides: dict[str, int], copy: int) -> str:
    """INSERT of one copy: of the first country's rows alone, whose keys lie within one stride."""
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' ORDER BY attnum",
            [table.name],
        )
    ]
    anew = {name: what.format(copy=copy) for name, what in table.anew}
    values = [anew.get(name) or _shifted(table.name, name, strides, copy) for name in columns]
    joins, where = table.joins, []
    if table.of_a_school:
        joins = f"JOIN copied_schools u ON u.id = t.{table.of_a_school}"
    if joins:
        where.append(f"u.copy = {copy}")
    where += [f"t.{name} <= {strides[whose]}" for name, whose in _bounds(table.name, columns)]
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table.name} t {joins}"
        f" WHERE {' AND '.join(where)}"
    )


def _bounds(table: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in ("id", "graduate_id", "school_id", "chain", "case_id"):
        if name in columns:
            yield name, _KEYS[name].format(own=table)
            return


def _shifted(table: str, column: str, strides: dict[str, int], copy: int) -> str:
    if column not in _KEYS:
        return f"t.{column}"
    return f"t.{column} + {copy * strides[_KEYS[column].format(own=table)]}"


def _check_sum() -> str:
    """MOD 11-2 over the first digits, as app.documents.numbering says it, in SQL."""
    digits = (f"substr(body, {place + 1}, 1)::int * {pow(2, _CHECKED - place, 11)}" for place in range(_CHECKED))
    return f"(12 - ({' + '.join(digits)}) % 11) % 11"


_RENUMBERED = f"""
CREATE FUNCTION pg_temp.renumbered(number text, code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT body || substr('0123456789X', 1 + {_check_sum()}, 1)
FROM (SELECT overlay(left(number, {_CHECKED}) PLACING code FROM 5 FOR 5) AS body OFFSET 0) one
$$"""
