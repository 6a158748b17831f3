"""The standbys that may be read from, and how far each has come.

Each process looks for itself, beside its requests and as long as somebody reads: no request asks a standby how it is,
and none waits for one that is silent. A standby serves while it follows our database, has its tables, and has replayed
what the database had written no longer ago than the settings allow.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from app.base.settings import once
from config import Settings

SILENT, LEADING, FOREIGN, OTHER_TABLES, BEHIND = "silent", "leading", "foreign", "other_tables", "behind"
SILENCE: Final = 3.0  # seconds after which a look tells nothing any more, and who has not answered is cut off
_EVERY: Final = 0.5  # seconds between two looks
_REST: Final = 3.0  # after one that failed
_UNSEEN: Final = 2 * SILENCE + _REST  # a look that waits in vain is followed by a rest and the next one
_IDLE: Final = 30.0  # so long after the last reader looking goes on
_PLACE = "pg_wal_lsn_diff(%s, '0/0') AS place"
_FACTS = (
    "(SELECT system_identifier FROM pg_control_system()) AS system, (SELECT version_num FROM alembic_version) AS tables"
)
_OURS = text(f"SELECT {_PLACE % 'pg_current_wal_flush_lsn()'}, {_FACTS}")
_THEIRS = text(f"SELECT {_PLACE % 'pg_last_wal_replay_lsn()'}, {_FACTS}, pg_is_in_recovery() AS follows")
# A host that vanishes ends its connections in seconds; behind a pooler nothing may be prepared.
_LINK: Final = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "prepare_threshold": None,
}


@dataclass(frozen=True)
class Standing:
    """What a look has found: `problem` is "" or one of the words above, `place` what has been replayed (in bytes)."""

    name: str
    problem: str
    place: int = 0
    as_of: float = 0.0  # it has all that the database had written by then
    looked: float = 0.0

    @property
    def seconds(self) -> float:
        """How far it is behind at most."""
        return time.monotonic() - self.as_of


_looked: Final = threading.Condition()  # told after every look


class Standby:
    """One of them, its connections and the last look at it."""

    def __init__(self, address: str, most_behind: float) -> None:
        url = make_url(address)
        self.name = f"{url.host or url.query.get('host') or 'localhost'}:{url.port or 5432}"
        self.most_behind = most_behind
        # Each statement is a transaction of its own: none is held open between two, and none is left broken by an error.
        link = {name: value for name, value in _LINK.items() if name not in url.query}
        more: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_timeout": 2, "connect_args": link}
        self.engine = create_engine(url, pool_size=8, max_overflow=8, query_cache_size=1500, **more)
        # Looks have one to themselves: however many read, there is one to look with.
        self._eyes = create_engine(url, pool_size=1, max_overflow=0, **more)
        self._last = Standing(self.name, SILENT, looked=-_UNSEEN)
        self._written: deque[tuple[float, int]] = deque(maxlen=int(most_behind / _EVERY) + 10)
        self._used: dict[int, Any] = {}
        self._wanted = 0.0
        self._looking: threading.Thread | None = None
        self._asked = threading.Event()
        self._lock = threading.Lock()
        for engine in (self.engine, self._eyes):
            event.listen(engine, "checkout", lambda link, _record, _proxy: self._used.update({id(link): link}))
            event.listen(engine, "checkin", lambda link, _record: self._used.pop(id(link), None))

    def standing(self) -> Standing:
        """As the last look has found it; silent where that is too long ago."""
        found = self._last
        if time.monotonic() - found.looked > SILENCE:
            return Standing(self.name, SILENT)
        if not found.problem and found.seconds > self.most_behind:
            return Standing(self.name, BEHIND, found.place, found.as_of, found.looked)
        return found

    def watch(self, primary: Engine) -> None:
        """See to it that somebody looks; costs nothing while somebody does."""
        self._wanted = time.monotonic()
        if self._looking is None or not self._looking.is_alive():
            with self._lock:
                if self._looking is None or not self._looking.is_alive():
                    words = {"name": f"standby-{self.name}", "args": (primary,), "daemon": True}
                    self._looking = threading.Thread(target=self._watch, **words)  # type: ignore[arg-type]
                    self._looking.start()

    def is_unseen(self) -> bool:
        """Whether nobody is looking, or not for long enough to have found anything."""
        return time.monotonic() - self._last.looked > _UNSEEN

    def look_soon(self) -> None:
        """Somebody waits for what the next look finds."""
        self._asked.set()

    def fail(self) -> None:
        """It did not answer somebody: nobody asks it until the next look has found it well."""
        self._last = Standing(self.name, SILENT, looked=time.monotonic())

    def _watch(self, primary: Engine) -> None:
        while time.monotonic() - self._wanted < _IDLE:
            self._last = self._look(primary)
            with _looked:
                _looked.notify_all()
            self._asked.wait(_REST if self._last.problem == SILENT else _EVERY)
            self._asked.clear()

    def _look(self, primary: Engine) -> Standing:
        silent = Standing(self.name, SILENT, looked=time.monotonic())
        try:
            with primary.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                ours = link.execute(_OURS).one()
        except SQLAlchemyError:
            return silent
        self._written.append((time.monotonic(), int(ours.place)))
        cut = threading.Timer(SILENCE, self._cut_off)
        cut.daemon = True
        cut.start()
        try:
            with self._eyes.connect() as link:
                return self._judged(ours, link)
        except SQLAlchemyError as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) is None:  # no answer at all
                self._cut_off()
            return silent
        finally:
            cut.cancel()

    def _judged(self, ours: Any, link: Connection) -> Standing:
        theirs, now = link.execute(_THEIRS).one(), time.monotonic()
        if not theirs.follows:
            return Standing(self.name, LEADING, looked=now)
        if theirs.system != ours.system:
            return Standing(self.name, FOREIGN, looked=now)
        if theirs.tables != ours.tables:
            return Standing(self.name, OTHER_TABLES, looked=now)
        place = int(theirs.place or 0)
        as_of = max((at for at, written in self._written if written <= place), default=self._last.as_of)
        return Standing(self.name, "", place, as_of, now)

    def _cut_off(self) -> None:
        """End the connections of all who wait for an answer; each asks the database instead."""
        for link in list(self._used.values()):
            with suppress(Exception), socket.socket(fileno=os.dup(link.fileno())) as held:
                held.shutdown(socket.SHUT_RDWR)


@once
def standbys(settings: Settings) -> tuple[Standby, ...]:
    """Those of the settings."""
    return tuple(Standby(url, settings.read_seconds) for url in settings.read_urls)


def fit(place: int, reader: int, primary: Engine, *, patience: float = 0.0) -> Standby | None:
    """One that has replayed up to this place; the same reader gets the same one while it serves. None: the database.

    `patience`: so many seconds it is waited for.
    """
    every, until = standbys(), time.monotonic() + patience
    if patience:
        for one in every:
            one.look_soon()
    first = reader % len(every) if every else 0
    while True:
        for one in (*every[first:], *every[:first]):
            one.watch(primary)
            found = one.standing()
            if not found.problem and found.place >= place:
                return one
        left = until - time.monotonic()
        if left <= 0:
            return None
        _await_look(left)


def any_serves(primary: Engine) -> bool:
    """Whether there is one to be read from at all."""
    return fit(0, 0, primary) is not None


def standings(primary: Engine) -> Sequence[Standing]:
    """How all of them stand; for who runs the platform. Waits for the first look, and no longer than one may take."""
    every, until = standbys(), time.monotonic() + SILENCE
    for one in every:
        one.watch(primary)
    while any(one.is_unseen() for one in every) and (left := until - time.monotonic()) > 0:
        _await_look(left)
    return [one.standing() for one in every]


def _await_look(seconds: float) -> None:
    """Until one of them has been looked at; a look that came just before is missed for a moment at most."""
    with _looked:
        _looked.wait(min(seconds, _EVERY))
