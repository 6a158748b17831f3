"""The stand-in's database: made at start if it is not there."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Engine, create_engine, delete, func, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from trial.ems.fields import STUDENT_FIELDS
from trial.ems.schema import answered, metadata, student

_SCHEMA_LOCK = 20_260_901
_ANSWERS_KEPT = timedelta(days=180)


def engine_for(url: str) -> Engine:
    """An engine whose statements give up after 20 seconds rather than pile up."""
    return create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=20000 -c timezone=Asia/Shanghai",
        },
    )


def prepare(engine: Engine) -> None:
    """Create the database and its tables where they are missing; safe to run by several processes at once."""
    _create_database(engine)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _SCHEMA_LOCK})
        metadata.create_all(connection)
        _follow_the_list(connection)
        connection.execute(delete(answered).where(answered.c.at < func.now() - _ANSWERS_KEPT))


def _follow_the_list(connection: Connection) -> None:
    """Bring the students' table of an older version up to the list of fields; what is new starts empty."""
    there = {column["name"]: column["type"] for column in inspect(connection).get_columns(student.name)}
    for name in STUDENT_FIELDS:
        wanted = student.c[name].type.compile(connection.dialect)
        if name not in there:
            connection.execute(text(f"ALTER TABLE student ADD COLUMN {name} {wanted}"))
        elif there[name].compile(connection.dialect) != wanted:
            connection.execute(text(f"ALTER TABLE student ALTER COLUMN {name} TYPE {wanted}"))


def _create_database(engine: Engine) -> None:
    try:
        with engine.connect():
            return
    except OperationalError as error:
        if "does not exist" not in str(error):
            raise SystemExit(f"The stand-in's database cannot be reached: {error.orig}") from None
    name = make_url(engine.url).database
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"""CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'UTF8'"""))
    admin.dispose()
