"""One process's part of the work: invents graduates with their signings and streams them in by COPY."""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, Final

import psycopg

from app.base.settings import use_settings
from app.workflow.chain import digest, seal_of, seal_of_head
from trial.demo.generator import people, signings
from trial.demo.generator.people import Person, invent_person
from trial.demo.generator.plan import Season, Share
from trial.demo.generator.signings import Case, Event, Signer

CHUNK: Final = 5000  # graduates in one transaction
HISTORY_COLUMNS: Final = (
    *("chain", "seq", "workflow", "case_id", "event", "from_state", "to_state", "actor_id", "actor", "role"),
    *("at", "reason", "detail", "source", "hash", "seal"),
)
Connection = psycopg.Connection[Any]


def write_share(share: Share) -> dict[str, int]:
    """Write this share and return how many rows of each table it has become. Runs in a process of its own."""
    use_settings(share.settings)
    with psycopg.connect(share.settings.psycopg_url) as connection:
        connection.execute("SET synchronous_commit = off")
        return _Writer(share, connection).write()


class _Writer:
    """Goes through the seasons in order of time, so that histories grow as they would have grown."""

    def __init__(self, share: Share, connection: Connection) -> None:
        self.share, self.connection = share, connection
        self.rng = Random(f"{share.seed}:{share.number}")  # noqa: S311 - invented data, not secrets
        self.ids: Iterator[int] = iter(())
        self.heads: dict[int, tuple[int, bytes, int]] = {}
        self.serials: dict[tuple[int, int, int], int] = {}
        self.waiting: list[tuple[datetime, int, Event]] = []
        self.order = count()
        self.written: dict[str, int] = defaultdict(int)
        self.signer = Signer(
            share.units,
            share.labels,
            share.now,
            rng=self.rng,
            new_id=self._new_id,
            next_number=self._next_number,
            last=share.last,
        )

    def write(self) -> dict[str, int]:
        """All seasons, then what is still to happen after the last graduate's start."""
        total = sum(season.share for season in self.share.seasons)
        left = self.share.graduates
        for position, season in enumerate(self.share.seasons, start=1):
            is_last = position == len(self.share.seasons)
            size = left if is_last else self.share.graduates * season.share // total
            left -= size
            for done in range(0, size, CHUNK):
                self._write_chunk(season, done, min(CHUNK, size - done), size)
        with self.connection.transaction():
            self._lock()
            self._write_history(None)
        return dict(self.written)

    def _write_chunk(self, season: Season, done: int, size: int, total: int) -> None:
        with self.connection.transaction():
            self._lock()
            keys = self._reserve("graduates_id_seq", size)
            self.ids = iter(self._reserve("online_signings_id_seq", size * 3))
            persons = [invent_person(key, self.share.schools, season, self.rng) for key in keys]
            span = (season.end - season.begin) / max(total, 1)
            starts = [season.begin + span * (done + index) for index in range(size)]
            cases = {
                person.id: list(self.signer.signings_of(person, season, start)) if person.may_sign else []
                for person, start in zip(persons, starts, strict=True)
            }
            self._copy("graduates", people.COLUMNS, (_roster_row(one, cases[one.id]) for one in persons))
            self._write_cases([case for of_one in cases.values() for case in of_one])
            self._write_history(starts[-1])

    def _write_cases(self, cases: Sequence[Case]) -> None:
        self._copy("online_signings", signings.COLUMNS, (case.row for case in cases))
        self._copy("claims", signings.CLAIM_COLUMNS, (case.claim for case in cases if case.claim))
        self._copy("favorites", signings.FAVORITE_COLUMNS, (case.favorite for case in cases))
        for case in cases:
            for event in case.events:
                heapq.heappush(self.waiting, (event.at, next(self.order), event))

    def _write_history(self, until: datetime | None) -> None:
        """The events up to `until`, in order of time: a later graduate's come later."""
        self._copy("history", HISTORY_COLUMNS, map(self._link, self._due(until)))
        heads = [
            (chain, seq, last, since, seal_of_head(chain, seq, last, since))
            for chain, (seq, last, since) in self.heads.items()
        ]
        serials = [(*key, last) for key, last in self.serials.items()]
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO history_heads (chain, seq, hash, sealed_from, seal) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, seal = excluded.seal",
                heads,
            )
            cursor.executemany(
                "INSERT INTO agreement_serials (school_id, cohort, level_digit, last) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (school_id, cohort, level_digit) DO UPDATE SET last = excluded.last",
                serials,
            )

    def _due(self, until: datetime | None) -> Iterator[Event]:
        while self.waiting and (until is None or self.waiting[0][0] < until):
            yield heapq.heappop(self.waiting)[2]

    def _link(self, event: Event) -> list[Any]:
        seq, previous, since = self.heads.get(event.chain, (0, b"", 1))
        event.seq = seq + 1
        link = digest(event, previous)  # type: ignore[arg-type]
        self.heads[event.chain] = (event.seq, link, since)
        values = [getattr(event, name) for name in HISTORY_COLUMNS[:-4]]
        return [*values, json.dumps(event.detail), event.source, link, seal_of(link)]

    def _lock(self) -> None:
        """Hold the ends of the chains and the counters of numbers, and read them as they are now."""
        ids = [school.id for school in self.share.schools]
        rows = self.connection.execute(
            "SELECT chain, seq, hash, sealed_from FROM history_heads WHERE chain = ANY(%s) ORDER BY chain FOR UPDATE",
            [ids],
        )
        self.heads = {chain: (seq, last, since) for chain, seq, last, since in rows}
        rows = self.connection.execute(
            "SELECT school_id, cohort, level_digit, last FROM agreement_serials WHERE school_id = ANY(%s)"
            " ORDER BY school_id, cohort, level_digit FOR UPDATE",
            [ids],
        )
        self.serials = {(school, cohort, digit): last for school, cohort, digit, last in rows}

    def _next_number(self, school: int, cohort: int, digit: int) -> int:
        self.serials[school, cohort, digit] = serial = self.serials.get((school, cohort, digit), 0) + 1
        return serial

    def _new_id(self) -> int:
        return next(self.ids)

    def _reserve(self, sequence: str, size: int) -> list[int]:
        query = "SELECT nextval(%s) FROM generate_series(1, %s)"
        return [row[0] for row in self.connection.execute(query, [sequence, size])]

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
                self.written[table] += 1


def _roster_row(person: Person, cases: Sequence[Case]) -> list[Any]:
    acted = [event.at for case in cases for event in case.events if event.role == "graduate"]
    confirmed_at = min(acted) if acted else person.values["created_at"] if person.confirmed else None
    return person.row(confirmed_at)
