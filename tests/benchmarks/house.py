"""The program on servers of its own, with the demonstration and a generated country."""

from __future__ import annotations

import contextvars
import gc
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.benchmarks.copies import multiply, open_copies
from trial.postgres import Postgres
from trial.valkey import Valkey

DATABASE = "bench"
SMALL = 10_000  # the size that larger ones are compared with
_USED_UP = 2_000  # graduates who bring what one run needs of waiting records and invitations
SEED = 2027


class IsolatedClient(FlaskClient):
    """A client whose requests see nothing of the benchmark's own application context."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Run the request in a context of its own."""
        return contextvars.Context().run(super().open, *args, **kwargs)


@dataclass
class House:
    """The application and what the measuring needs beside it."""

    app: Flask
    address: str  # of the database, as psycopg wants it
    noted: Path  # how many graduates were generated

    @property
    def copied(self) -> Path:
        """Where it stands how far copies lie apart."""
        return self.noted.with_name("copied")

    def connect(self) -> psycopg.Connection[Any]:
        """A plain connection: what the same work costs without the program."""
        return psycopg.connect(self.address)

    def size(self) -> int:
        """How many graduates were generated here, in earlier runs too."""
        return int(self.noted.read_text()) if self.noted.exists() else 0

    def grow(self, graduates: int) -> dict[str, int]:
        """Add generated graduates with their signings, and let the planner know."""
        from trial.demo.generator.generate import generate_country

        with self.app.app_context():
            written = generate_country(graduates, seed=SEED)
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("CHECKPOINT")  # or it would come in the middle of a measurement
        self.noted.write_text(str(self.size() + graduates))
        return written

    def multiply(self, copies: int) -> None:
        """Add so many copies of all that is there (`copies`)."""
        strides = multiply(self.address, copies)
        self.noted.write_text(str(self.size() * (copies + 1)))
        self.copied.write_text(json.dumps(strides))
        open_copies(strides)

    def restock(self) -> None:
        """Generate what one run uses up: records that wait for the first school, and invitations."""
        from trial.demo.generator.generate import generate_country

        with self.app.app_context():
            generate_country(_USED_UP, seed=self.size(), schools=1, last=(("school_review", 800), ("invited", 200)))
            generate_country(_USED_UP, seed=self.size(), last=(("invited", 1000),))

    def browser(self, username: str, door: str = "school") -> FlaskClient:
        """A browser in which this account is logged in, by its own entrance."""
        from trial.demo.country import PASSWORD

        client = self.app.test_client()
        page = client.get(f"/login/{door}").text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page[:500]
        form = {"username": username, "password": PASSWORD, "csrf_token": found[1]}
        answer = client.post(f"/login/{door}", data=form)
        assert answer.status_code == 302, answer.text[:500]
        return client

    def token(self, username: str) -> dict[str, str]:
        """The headers of this account at the API."""
        from trial.demo.country import PASSWORD

        body = {"username": username, "password": PASSWORD, "provider": "db"}
        answer = self.app.test_client().post("/api/v1/security/login", json=body)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


@contextmanager
def built_house(kept: Path | None = None) -> Iterator[House]:
    """Servers in a folder, the program on them, tables, roles and the demonstration.

    The folder is a temporary one and gone at the end, or `kept` with all that earlier runs have put there.
    """
    folder = (kept or Path(tempfile.mkdtemp(prefix="bench-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    postgres, valkey = Postgres(folder / "pg"), Valkey(folder / "vk", durable=False)
    try:
        postgres.start()
        valkey.start()
        if not postgres.has_database(DATABASE):
            postgres.create_database(DATABASE)
        url = postgres.url(DATABASE)
        os.environ |= {
            "APP_ENV": "test",
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url,
            "VAR_DIR": str(folder / "var"),
            "EMS_URL": "http://127.0.0.1:9",  # nobody answers: only what a request itself does is measured
        }
        address = url.replace("postgresql+psycopg://", "postgresql://", 1)
        house = House(_application(folder), address, folder / "graduates")
        if house.copied.exists():
            open_copies(json.loads(house.copied.read_text()))
        yield house
    finally:
        valkey.stop()
        postgres.stop()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _application(folder: Path) -> Flask:
    from app import create_app
    from trial.prepare import prepare

    (folder / "var").mkdir(exist_ok=True)
    app = create_app()
    app.test_client_class = IsolatedClient
    prepare(app, folder / "var")
    gc.collect()
    gc.freeze()  # as the server does before its first request
    return app
