"""Writing the platform's roster to the employment system, which is the master afterwards (R4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TypeVar

from app.ems.client import BATCH, EmsClient, ems
from app.ems.messages import EmsStudent, UploadOutcome
from app.ems.students import StudentRow, student_of, students_of_ids
from app.workflow import outbox

_Item = TypeVar("_Item")


def push_roster(graduates: Iterable[StudentRow], client: EmsClient | None = None) -> UploadOutcome:
    """Write these graduates (school and department loaded) there now; the removed ones as removed.

    For loaders and imports that run outside a request. May be repeated. Raises EmsUnavailable or EmsRefused;
    batches that were written before stay written.
    """
    named = ((graduate.school.name, student_of(graduate)) for graduate in graduates)
    return _push(named, client or ems())


def push_ids(graduate_ids: Sequence[int], client: EmsClient | None = None) -> UploadOutcome:
    """The same by ids; what the delivery of post_roster runs."""
    return _push(students_of_ids(graduate_ids), client or ems())


def post_roster(graduate_ids: Iterable[int], *, key: str) -> int:
    """Leave the upload of these graduates to the workers, in the running transaction; for loaders and imports.

    `key` names the upload for ever. The employment system need not be up; personal data stay out of the outbox.
    Returns the number of messages.
    """
    count = 0
    for count, part in enumerate(_batches(graduate_ids), start=1):
        outbox.post("ems", {"action": "upload", "graduate_ids": list(part)}, key=f"{key}:{count}")
    return count


def _push(named: Iterable[tuple[str, EmsStudent]], client: EmsClient) -> UploadOutcome:
    total = UploadOutcome(0, 0, 0)
    named_schools: set[str] = set()
    for (school, name, cohort), group in groupby(named, lambda pair: (pair[1].school, pair[0], pair[1].cohort)):
        if school not in named_schools:
            client.name_school(school, name)
            named_schools.add(school)
        for part in _batches(student for _name, student in group):
            total += client.put_students(school, cohort, part)
            for student in part:
                if student.removed:
                    client.remove_student(student.key)
    return total


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
