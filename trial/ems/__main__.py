"""`python -m trial.ems`: prepares the database and serves the stand-in with gunicorn."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from trial.ems.application import create_standin
from trial.ems.database import engine_for, prepare
from trial.ems.settings import StandinSettings, settings_from


class Server(BaseApplication):
    """One process with threads: the stand-in is small, and its faults on demand live in memory."""

    def __init__(self, settings: StandinSettings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's options."""
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "workers": 1,
            "threads": 16,
            "worker_class": "gthread",
            "graceful_timeout": 3,
            "keepalive": 30,
            "loglevel": "warning",
            "proc_name": "ems-standin",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the worker so that no connection crosses the fork."""
        return create_standin(self.settings, engine_for(self.settings.database_url))


def main(server: type[Server] = Server) -> None:
    """Start; returns when told to stop."""
    settings = settings_from()
    engine = engine_for(settings.database_url)
    prepare(engine)
    engine.dispose()
    server(settings).run()


if __name__ == "__main__":
    main()
