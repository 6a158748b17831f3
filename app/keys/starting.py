"""What a start asks of the keys: that nothing here is left without the key it needs."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from app.base.datakeys import id_of, index_key
from config import Settings, SettingsError


def demand_keys(settings: Settings) -> None:
    """Refuse to start, in one line, where a key is missing; write down the newest, which is needed from now on.

    Before the first migration there is nothing that could need one.
    """
    with psycopg.connect(settings.psycopg_url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('data_keys')").fetchone() == (None,):
            return
        needed = {(purpose, bytes(key)) for purpose, key in connection.execute("SELECT purpose, id FROM data_keys")}
        for refusal in missing_keys(needed, settings):
            raise SettingsError(refusal)
        newest = "INSERT INTO data_keys (purpose, id) VALUES ('data', %s) ON CONFLICT DO NOTHING"
        connection.execute(newest, (id_of(settings.data_keys[0]),))


def missing_keys(needed: set[tuple[str, bytes]], settings: Settings) -> Iterator[str]:
    """What to do about each of these keys (purpose, id) that the settings do not name; for starts and backups."""
    for purpose, missing in sorted(needed - _known(settings)):
        yield _REFUSALS[purpose].format(key=missing.hex())


_REFUSALS = {
    "data": (
        "DATA_KEY: this database holds what key {key} has sealed; name that key too, behind the new one "
        "(`flask keys rotate` makes it needless)."
    ),
    "index": (
        "INDEX_KEY: people are found here by an index of key {key}, which is not the one set; "
        "`flask keys follow`, run with the former DATA_KEY, prints the line that belongs into the environment."
    ),
}


def _known(settings: Settings) -> set[tuple[str, bytes]]:
    return {*(("data", id_of(key)) for key in settings.data_keys), ("index", id_of(index_key(settings)))}
