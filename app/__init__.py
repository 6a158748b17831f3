"""The application factory: a list of steps, nothing else."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app import crypto
from app.database import Model, db
from app.doors import registry
from app.notices import channels, links
from app.roster import cohorts
from app.workflow import queues
from config import ROOT, Settings, demand_database, flask_config, settings_from


def create_app(settings: Settings | None = None) -> Flask:
    """The product as a WSGI application; settings come from the environment unless given."""
    settings = settings or settings_from()
    app = Flask(__name__)
    app.config.update(flask_config(settings))
    if settings.is_production:
        demand_database(settings)
    _use_outside_parts(settings)
    registry.load_rooms()
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), metadata=Model.metadata, compare_type=True)
    _install_shared_doors(app)
    with app.app_context():
        _install_appbuilder(app)
        registry.open_doors(app)
    return app


def _use_outside_parts(settings: Settings) -> None:
    crypto.use_key(settings.data_key)
    queues.use_redis(settings.redis_url)
    cohorts.use_switch(*settings.cohort_switch)
    channels.use_settings(settings)
    links.use_settings(settings)


def _install_shared_doors(app: Flask) -> None:
    from app.doors import errors, filters, gate, headers, health, shell

    CSRFProtect(app)
    for shared in (errors, headers, gate, filters, health, shell):
        shared.register(app)


def _install_appbuilder(app: Flask) -> None:
    from app.doors.builder import PlatformBuilder

    app.config["FAB_BASE_TEMPLATE"] = "staff/base.html"
    PlatformBuilder(app, db.session)
