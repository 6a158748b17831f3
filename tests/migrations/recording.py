"""A database's rows in one file, and back: what an older version of the program had written.

For a release: record a database of the present version before the first migration of the next; see test_upgrade.py.
What a recording holds besides the demonstration is made by the stages of the tests: a case in each state.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import psycopg
from psycopg import sql

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'alembic_version' ORDER BY 1
"""
_SERIALS = """
SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname)
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = 'public' AND t.relkind = 'r' AND pg_get_serial_sequence(quote_ident(t.relname), a.attname) IS NOT NULL
"""
_COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


def record(connection: psycopg.Connection, file: Path) -> None:
    """Write all rows of all tables into a zip: one member a table, the first line its columns."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for (table,) in connection.execute(_TABLES).fetchall():
            names = [name for (name,) in connection.execute(_COLUMNS, (table,))]
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            command = sql.SQL("COPY (SELECT {} FROM {} ORDER BY 1) TO STDOUT").format(columns, sql.Identifier(table))
            with connection.cursor().copy(command) as rows:
                body = b"".join(bytes(block) for block in rows)
            if body:
                archive.writestr(table, "\t".join(names).encode() + b"\n" + body)


def restore(connection: psycopg.Connection, file: Path) -> None:
    """Put the rows into a database of the same version, past its triggers, and set its counters behind them."""
    with zipfile.ZipFile(file) as archive, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in archive.namelist():
            head, _, body = archive.read(table).partition(b"\n")
            columns = sql.SQL(", ").join(map(sql.Identifier, head.decode().split("\t")))
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            with connection.cursor().copy(
                sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
            ) as target:
                target.write(body)
        for table, column, sequence in connection.execute(_SERIALS).fetchall():
            highest = sql.SQL("SELECT setval(%s, coalesce(max({}), 0) + 1, false) FROM {}").format(
                sql.Identifier(column), sql.Identifier(table)
            )
            connection.execute(highest, (sequence,))
