"""What the stand-in reads from its environment, once, at start."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StandinSettings:
    """Where the stand-in keeps its data, where it listens, and who may come in."""

    database_url: str
    port: int
    host: str
    token: str
    page_password: str
    platform_url: str
    faults: bool
    behind_https: bool

    @property
    def secret_key(self) -> str:
        """The key of the page sessions: follows from the token, so that all workers and restarts agree."""
        return hmac.new(self.token.encode(), b"ems-standin-pages", hashlib.sha256).hexdigest()


def settings_from(environ: Mapping[str, str] | None = None) -> StandinSettings:
    """Read the environment; SystemExit with one clear line when something is missing or wrong."""
    env = os.environ if environ is None else environ
    return StandinSettings(
        database_url=_database_url(_required(env, "EMS_STANDIN_DATABASE_URL")),
        port=_port(env.get("EMS_STANDIN_PORT", "8090")),
        host=env.get("EMS_STANDIN_HOST", "127.0.0.1"),
        token=_required(env, "EMS_TOKEN"),
        page_password=env.get("EMS_PAGE_PASSWORD", ""),
        platform_url=env.get("PUBLIC_URL", "").rstrip("/"),
        faults=env.get("EMS_STANDIN_FAULTS") == "1",
        behind_https=env.get("EMS_STANDIN_HTTPS") == "1",
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SystemExit(f"{name} is not set: the stand-in of the employment management system needs it.")
    return value


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"EMS_STANDIN_PORT must be a port number, not {text!r}.")
    return int(text)


def _database_url(url: str) -> str:
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith("postgresql+psycopg://"):
        raise SystemExit("EMS_STANDIN_DATABASE_URL must be a PostgreSQL address (postgresql://user@host/name).")
    return url
