"""The one step before the servers: tables, permissions and roles, and on an empty database the demonstration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import inspect

from app import create_app
from app.base.database import db
from app.base.settings import settings
from app.keys.starting import demand_keys
from trial.places import LIFE_PENDING

# There from before the first table is made until the demonstration data are in: an interrupted first start
# loads them the next time, while a database of somebody's own never gets any.
_PENDING = "demonstration-pending"
# Each adds what is missing and leaves the rest alone; what a new release ships arrives with its first start.
STEPS = ("db upgrade", "access sync", "codes load", "notices load", "destinations load", "demo load")


def prepare(app: Flask, var_dir: Path, *, demonstration: bool = True) -> None:
    """Bring the database up to date; safe to run again at any time.

    Raises SystemExit or the step's own error when one of the steps fails.
    """
    pending = var_dir / _PENDING
    demand_keys(settings())
    if demonstration and _is_empty(app):
        pending.touch()
        (var_dir / LIFE_PENDING).touch()
    for step in STEPS:
        if not step.startswith("demo") or pending.exists():
            _command(app, step)
    pending.unlink(missing_ok=True)


def bring_to_life(app: Flask, var_dir: Path) -> None:
    """The second part of the demonstration; what an interrupted run has left out is added by the next."""
    os.nice(10)  # whoever has begun to look around comes first
    _command(app, "demo live")
    (var_dir / LIFE_PENDING).unlink(missing_ok=True)


def _is_empty(app: Flask) -> bool:
    """Whether no migration has ever run on this database."""
    with app.app_context():
        empty = not inspect(db.engine).has_table("alembic_version")
        db.engine.dispose()
    return empty


def _command(app: Flask, words: str) -> None:
    """Run `flask <words>` in this process: loading the program once is most of the time it takes."""
    app.cli.main(args=words.split(), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


if __name__ == "__main__":
    application, folder = create_app(), Path(os.environ["VAR_DIR"])
    if sys.argv[1:] == ["life"]:
        bring_to_life(application, folder)
    else:
        prepare(application, folder, demonstration=os.environ.get("APP_ENV", "trial") != "production")
