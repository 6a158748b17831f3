"""What the trial hands to its parts: given settings stay, the rest is made here once and kept in VAR_DIR."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import make_url

from trial.places import TrialError, free_port, kept

ROOT = Path(__file__).resolve().parents[1]
# The service line and the account of an invented platform.
INVENTED = {"SERVICE_PHONE": "010-00000000", "PAYMENT_ACCOUNT": "12109000000000785T"}


def var_dir_from(environ: Mapping[str, str]) -> Path:
    """The folder that holds everything the trial writes: VAR_DIR, or var beside run.py."""
    return Path(environ.get("VAR_DIR") or ROOT / "var").absolute()


def port_from(environ: Mapping[str, str]) -> int:
    """The port people open: PORT, or 8080; raises TrialError when it is no port or taken."""
    text = environ.get("PORT") or "8080"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise TrialError(f"PORT must be a port number, not {text!r}.")
    if free_port(int(text)) != int(text):
        raise TrialError(f"Port {text} is in use; set PORT to another one.")
    return int(text)


def defaults(environ: Mapping[str, str]) -> dict[str, str]:
    """What programs beside the supervisor, such as `flask` and the tests, need not be told."""
    return {
        "SECRET_KEY": "trial-only-secret-key-not-for-production",
        "DATA_KEY": base64.b64encode(b"trial-only-data-key-32-bytes-ok!").decode(),
        "EMS_TOKEN": "trial-only-ems-token",
        "EMS_URL": "http://127.0.0.1:8090",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "PUBLIC_URL": f"http://127.0.0.1:{environ.get('PORT') or '8080'}",
        **INVENTED,
        "EXTENSIONS": "trial.extension",
    }


def base_settings(environ: Mapping[str, str], var_dir: Path) -> dict[str, str]:
    """The environment of all parts, without the addresses of the embedded servers."""
    port = port_from(environ)
    secrets = var_dir / "secrets"
    made = {
        "APP_ENV": "trial",
        "SECRET_KEY": kept(secrets, "secret_key"),
        "DATA_KEY": kept(secrets, "data_key", "key"),
        "EMS_TOKEN": kept(secrets, "ems_token"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        **INVENTED,
        # Both languages can be seen; all begin with the first, whatever browser somebody tries it with.
        "LANGUAGES": "zh en",
        "LANGUAGE_BY_BROWSER": "0",
    }
    given = {name: value for name, value in environ.items() if value}
    fixed = {
        "PORT": str(port),
        "VAR_DIR": str(var_dir),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }
    return {**made, **given, **fixed}


def standin_settings(settings: Mapping[str, str], var_dir: Path) -> dict[str, str]:
    """The addresses of the employment system's stand-in; empty when a real one is named by EMS_URL."""
    if "EMS_URL" in settings:
        return {}
    port = _kept_port(var_dir / "ems_port")
    url = f"http://127.0.0.1:{port}"
    database = settings.get("EMS_STANDIN_DATABASE_URL") or _beside(settings["DATABASE_URL"])
    return {
        "EMS_URL": url,
        "EMS_PUBLIC_URL": settings.get("EMS_PUBLIC_URL") or url,
        "EMS_STANDIN_PORT": str(port),
        "EMS_STANDIN_DATABASE_URL": database,
    }


def register_settings(settings: Mapping[str, str], var_dir: Path) -> dict[str, str]:
    """The address of the company register's stand-in; empty when a real one is named by REGISTER_URL."""
    if "REGISTER_URL" in settings:
        return {}
    port = _kept_port(var_dir / "register_port")
    return {"REGISTER_URL": f"http://127.0.0.1:{port}", "REGISTER_STANDIN_PORT": str(port)}


def _kept_port(memory: Path) -> int:
    """The port used the last time, if it is free, so that links stay right."""
    before = memory.read_text(encoding="ascii") if memory.exists() else ""
    port = free_port(int(before) if before.isdigit() else None)
    memory.write_text(str(port), encoding="ascii")
    return port


def _beside(database_url: str) -> str:
    """A database on the same server for the stand-in alone: its name ends with _ems."""
    url = make_url(database_url)
    return url.set(database=f"{url.database or 'platform'}_ems").render_as_string(hide_password=False)
