"""Writes down the statements that the program sends, and sends the same ones by psycopg alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event

# Who somebody is, what their role may do, whether code tables have changed: needed by every request, whatever it is for.
_AUTHENTICATION = re.compile(
    r"\b(login_sessions|ab_user|ab_role|ab_permission\w*|accounts|permissions_version|codes_version)\b"
    r"|SELECT graduates\.id \s*FROM graduates \s*WHERE graduates\.id_number_index",
    re.ASCII,
)


@dataclass(frozen=True)
class Statement:
    """One statement as it went to the database."""

    text: str
    parameters: Any  # a list where the driver is asked to send it many times

    @property
    def is_authentication(self) -> bool:
        """Whether it asks who is asking."""
        return bool(_AUTHENTICATION.search(self.text))


@contextmanager
def recording(app: Flask) -> Iterator[list[Statement]]:
    """The statements of the block; BEGIN and COMMIT are not statements of the program."""
    from app.base.database import db

    seen: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, parameters: Any, *_rest: Any) -> None:
        seen.append(Statement(text, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def without_authentication(statements: Sequence[Statement]) -> int:
    """How many statements were sent for the matter itself."""
    return sum(not statement.is_authentication for statement in statements)


def replay(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> float:
    """Send the statements in one transaction, fetch what they give, commit; returns milliseconds."""
    begun = perf_counter()
    with connection.cursor() as cursor:
        for statement in statements:
            if isinstance(statement.parameters, list):
                cursor.executemany(statement.text, statement.parameters)
            else:
                cursor.execute(statement.text, statement.parameters)
            if cursor.description:
                cursor.fetchall()
    connection.commit()
    return (perf_counter() - begun) * 1000


def usual(times: Sequence[float]) -> float:
    """The lower quartile in milliseconds: what it takes when the machine is not busy with something else."""
    return quantiles(times, n=4)[0]
