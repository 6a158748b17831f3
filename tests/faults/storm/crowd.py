"""The same people at work without a fault: what holds in a storm has to hold on any set of servers."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from tests.faults.storm.caller import Book, Caller
from tests.faults.storm.lives import Life
from tests.faults.storm.place import Person


class Crowd:
    """People who live their lives in several threads until there were enough operations."""

    def __init__(self, url: str, people: Sequence[Person], operations: int, *, threads: int, seed: int) -> None:
        self.url, self.operations, self.seed = url, operations, seed
        self.waiting: queue.SimpleQueue[Person] = queue.SimpleQueue()
        for person in people:
            self.waiting.put(person)
        self.book = Book()
        self.lives: list[Life] = []
        self.failures: list[BaseException] = []
        self.threads = [threading.Thread(target=self._live, args=(number,), daemon=True) for number in range(threads)]

    def work(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Begin, do something else meanwhile, and wait until all have come to the end of what they had begun."""
        for thread in self.threads:
            thread.start()
        meanwhile()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    @property
    def works(self) -> bool:
        """Whether somebody still does."""
        return any(thread.is_alive() for thread in self.threads)

    def _goes_on(self) -> bool:
        return self.book.operations < self.operations and not self.failures

    def _live(self, number: int) -> None:
        caller = Caller(self.url, self.book, Random(self.seed * 100 + number))
        try:
            while self._goes_on():
                life = Life(self.waiting.get_nowait(), caller, Random(caller.rng.random()))
                self.lives.append(life)
                life.lead(self._goes_on)
        except BaseException as error:
            self.failures.append(error)
        finally:
            caller.http.close()


def open_messages(connection: Any) -> list[Any]:
    """Some of what has not been delivered; a code that the clock has overtaken is not sent any more."""
    query = (
        "SELECT kind, status, attempts, last_error FROM outbox WHERE status <> 'done'"
        " AND NOT (kind = 'code' AND error_code = 'too_late') ORDER BY id LIMIT 5"
    )
    return list(connection.execute(query).fetchall())


def book_and_history(connection: Any, book: Book) -> Iterator[str]:
    """Every acknowledged step stands in the history once, and nothing else that a person has done with these records."""
    query = "SELECT workflow, case_id, event, role FROM history WHERE role <> 'system'"
    ours = {step[:2] for step in book.steps}
    found = Counter(row for row in connection.execute(query) if row[:2] in ours)
    yield from (f"lost: {step}" for step in (book.steps - found).elements())
    yield from (f"doubled, or never acknowledged: {step}" for step in (found - book.steps).elements())
    (half,) = connection.execute("SELECT count(*) FROM idempotency_keys WHERE status IS NULL").fetchone()
    if half:
        yield f"{half} keys without an answer"


def reports(connection: Any, lives: Sequence[Life]) -> Iterator[str]:
    """The employment system was told of each change of each graduate once, in the order of their lives."""
    query = (
        "SELECT s.exam_number, array_agg(h.data ->> 'code' ORDER BY h.id) FROM record_history h"
        " JOIN student s ON s.id = h.student_id WHERE h.kind = 'destination' GROUP BY 1"
    )
    held = dict(connection.execute(query).fetchall())
    for life in lives:
        told = held.get(life.person.exam_number, [])
        if told != life.told:
            yield f"employment system: {life.person.username} {told} instead of {life.told}"
