"""The application factory: a list of steps, nothing else.

What it needs is imported inside, so that programs which only use a part (the supervisor, the stand-in of the
employment system) do not load the whole product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The product as a WSGI application; settings come from the environment unless given."""
    from app import rooms
    from app.base.settings import use_settings
    from app.keys.starting import demand_keys
    from app.web.platform import Platform
    from config import demand_database, flask_config, settings_from

    settings = settings or settings_from()
    if settings.is_production:
        demand_database(settings)
        demand_keys(settings)
    app = Platform(__name__)
    app.config.update(flask_config(settings))
    use_settings(settings)
    rooms.load_rooms()
    _install_database(app)
    _install_web(app)
    rooms.use_templates(app)
    with app.app_context():
        _install_appbuilder(app)
        rooms.open_doors(app)
        rooms.open_extensions(app, settings.extensions)
    _demand_queue()
    _demand_channels()
    _demand_seal()
    _demand_trust()
    return app


def _demand_queue() -> None:
    """An address of Redis that cannot be read is told at the start; whether somebody answers there is not asked."""
    from app.workflow.queues import redis
    from config import SettingsError

    try:
        redis()
    except ValueError as error:
        raise SettingsError(f"REDIS_URL: {error}.") from None


def _demand_channels() -> None:
    """A provider that is configured by half is told at the start; extensions may have brought channels of their own."""
    from app.notices.channels import channels_in_use

    channels_in_use()


def _demand_seal() -> None:
    """A key or certificate that can seal nothing is told at the start, not to the first graduate."""
    from app.base.sealkeys import seal_key

    seal_key()


def _demand_trust() -> None:
    """Files by which a partner system is recognised, or recognises us, are told at the start if they are of no use."""
    from app.base.trust import trusts

    trusts()


def _install_database(app: Flask) -> None:
    from flask_migrate import Migrate

    from app.base.database import Model, db
    from config import ROOT

    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), metadata=Model.metadata, compare_type=True)


def _install_web(app: Flask) -> None:
    from flask_wtf import CSRFProtect

    from app.web import bodies, errors, filters, gate, headers, health, reading, requestids, shell, standbys, uploading

    requestids.register(app)
    CSRFProtect(app)
    for shared in (headers, uploading, bodies, errors, standbys, gate, reading, filters, health, shell):
        shared.register(app)


def _install_appbuilder(app: Flask) -> None:
    from app.base.database import db
    from app.entrances.pages.login import EntranceView
    from app.fab.builder import PlatformBuilder

    app.config["FAB_BASE_TEMPLATE"] = "staff/base.html"
    PlatformBuilder(app, db.session, start_page=EntranceView)
