"""The database as one file, by PostgreSQL's own programs; they find it by the environment, so that no password is seen."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask_babel import gettext as _
from psycopg.conninfo import conninfo_to_dict

from app.base import clock
from app.base.settings import settings
from app.base.wholefiles import written_whole
from app.operations.backups.errors import BackupRefused

_VARIABLES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}
# Neither owners nor rights: where it is brought back, accounts of the database may have other names.
_PLAIN: Final = ("--no-owner", "--no-privileges")


def write_dump(folder: Path) -> Path:
    """Write the database into a file of its own in the folder, as it is at one moment; raises BackupRefused."""
    file = folder / f"database-{clock.now():%Y%m%dT%H%M%S}.dump"
    with written_whole(file) as draft:
        _run("pg_dump", *_PLAIN, "--format=custom", f"--file={draft.name}")
    return file


def problems_of(file: Path) -> Iterator[str]:
    """What hinders the dump from being read, if anything."""
    try:
        _run("pg_restore", "--list", str(file))
    except BackupRefused as error:
        yield str(error)


def read_dump(file: Path) -> None:
    """Bring the tables back, all or none; raises BackupRefused."""
    database = conninfo_to_dict(settings().direct_psycopg_url)["dbname"]
    _run("pg_restore", *_PLAIN, "--exit-on-error", "--single-transaction", f"--dbname={database}", str(file))


def _run(program: str, *words: str) -> None:
    wanted = conninfo_to_dict(settings().direct_psycopg_url)
    place = {variable: str(wanted[name]) for name, variable in _VARIABLES.items() if wanted.get(name) is not None}
    try:
        ended = subprocess.run(
            [program, *words], env={**os.environ, **place}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupRefused(
            _("%(program)s is missing: install PostgreSQL's client programs, as new as the server.", program=program)
        ) from None
    if ended.returncode:
        raise BackupRefused(f"{program}: {ended.stderr.strip()}")
