"""The one step before the servers: tables, permissions and roles, and on an empty database the demonstration."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect

from app import create_app
from app.base.database import db
from app.base.settings import settings
from app.keys.starting import demand_keys
from app.operations import commands
from trial.places import LIFE_PENDING

# There from before the first table is made until the demonstration data are in: an interrupted first start
# loads them the next time, while a database of somebody's own never gets any.
_PENDING = "demonstration-pending"
STEPS = (*commands.STEPS, "demo load")


def prepare(app: Flask, var_dir: Path, *, demonstration: bool = True) -> None:
    """Bring the database up to date; safe to run again at any time.

    Raises SystemExit or the step's own error when one of the steps fails.
    """
    pending = var_dir / _PENDING
    demand_keys(settings())
    if demonstration and _is_empty(app):
        pending.touch()
        (var_dir / LIFE_PENDING).touch()
    commands.run_steps(app, STEPS if pending.exists() else commands.STEPS)
    pending.unlink(missing_ok=True)


def bring_to_life(app: Flask, var_dir: Path) -> None:
    """The second part of the demonstration; what an interrupted run has left out is added by the next."""
    os.nice(10)  # whoever has begun to look around comes first
    commands.run_steps(app, ["demo live"])
    (var_dir / LIFE_PENDING).unlink(missing_ok=True)


def _is_empty(app: Flask) -> bool:
    """Whether no migration has ever run on this database."""
    with app.app_context():
        empty = not inspect(db.engine).has_table("alembic_version")
        db.engine.dispose()
    return empty


if __name__ == "__main__":
    application, folder = create_app(), Path(os.environ["VAR_DIR"])
    if sys.argv[1:] == ["life"]:
        bring_to_life(application, folder)
    else:
        prepare(application, folder, demonstration=os.environ.get("APP_ENV", "trial") != "production")
