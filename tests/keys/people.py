"""What is known of people, and where it lies: for tests of what a stolen copy would tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql as pg
from sqlalchemy import select

from app.access.models import Account
from app.base.database import Model, session
from app.base.sealed import is_sealed
from app.employers.models import EmployerUser
from app.roster.models import Graduate

_TEXTS = """
SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')
ORDER BY 1, 2
"""
NUMBERS = re.compile(r"(?<![0-9a-f])(1[3-9]\d{9}|\d{6}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx])(?![0-9a-f])")
# Where something stands in clear, and why it may.
ALLOWED = {
    ("agreement_contacts", "phone"): "the school's office, printed on every agreement",
    ("agreement_contacts", "address"): "the school's office, printed on every agreement",
    ("employers", "address"): "the unit's place of business, in the public register",
}


def secrets_of_people() -> dict[str, str]:
    """ID numbers, telephone numbers, mail and home addresses -> whose they are."""
    found: dict[str, str] = {}
    for row in session.scalars(select(Graduate)):
        found |= {str(text): f"graduate {row.id}" for text in (row.id_number, row.mobile, row.email, row.address)}
    for person in session.scalars(select(EmployerUser)):
        texts = (person.mobile, person.email, person.work_phone, person.fax)
        found |= {str(text): f"user {person.user_id}" for text in texts}
    for account in session.scalars(select(Account)):
        found |= {str(text): f"account {account.id}" for text in (account.mobile, account.email)}
    session.rollback()
    found.pop("None", None)
    found.pop("", None)
    assert len(found) > 50
    return found


def everything_sealed() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that hold something sealed: their keys, and what is sealed in clear."""
    session.rollback()
    session.expunge_all()
    found = {}
    for table in Model.metadata.sorted_tables:
        sealed = [column for column in table.columns if is_sealed(column)]
        if sealed:
            rows = session.execute(select(*table.primary_key.columns, *sealed).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    session.rollback()
    return found


def lying_in_clear(connection: psycopg.Connection, secrets: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Table, column and what stands there of people, wherever a column can be read, except where it may."""
    wanted = re.compile("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))))
    for table, column in connection.execute(_TEXTS).fetchall():
        query = pg.SQL("SELECT DISTINCT {}::text FROM {}").format(pg.Identifier(column), pg.Identifier(table))
        for (text,) in connection.execute(query):
            for seen in {*wanted.findall(text or ""), *NUMBERS.findall(text or "")}:
                if (table, column) not in ALLOWED:
                    yield table, column, seen
