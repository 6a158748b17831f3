"""Writing the platform's roster to the employment system, which is the master afterwards (R4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TypeVar

from app.ems.client import BATCH, EmsClient, ems
from app.ems.messages import UNKNOWN, EmsRefused, EmsStudent, StudentKey, UploadOutcome
from app.ems.students import students_of_ids
from app.workflow import outbox

_Item = TypeVar("_Item")


def push_ids(graduate_ids: Sequence[int], client: EmsClient | None = None) -> UploadOutcome:
    """Write these graduates there now, the removed ones as removed: what the delivery of post_roster runs.

    May be repeated. Raises EmsUnavailable or EmsRefused; batches that were written before stay written.
    """
    return _push(students_of_ids(graduate_ids), client or ems())


def post_roster(graduate_ids: Iterable[int], *, key: str, order_key: str | None = None) -> int:
    """Leave the upload of these graduates to the workers, in the running transaction; for loaders and imports.

    `key` names the upload for ever. The employment system need not be up; personal data stay out of the outbox.
    Returns the number of messages.
    """
    count = 0
    for count, part in enumerate(_batches(graduate_ids), start=1):
        payload = {"action": "upload", "graduate_ids": list(part)}
        outbox.post("ems", payload, key=f"{key}:{count}", order_key=order_key)
    return count


def post_presence(graduate_id: int, *, present: bool, key: str) -> None:
    """Leave to the workers that a student is taken off the roster there, or that the kept row is uploaded again.

    In the running transaction; in the order of the graduate's reports, so that these follow a restore.
    """
    payload = {"action": "restore" if present else "remove", "graduate_id": graduate_id}
    outbox.post("ems", payload, key=key, order_key=f"graduate:{graduate_id}")


def post_erasure(school: str, students: Sequence[tuple[int, str]], *, key: str, order_key: str) -> None:
    """Leave to the workers that students whom the platform no longer has are taken off the roster there.

    `students` are (cohort, exam number); for an import that is undone.
    """
    for count, part in enumerate(_batches(students), start=1):
        payload = {"action": "erase", "school": school, "students": [list(one) for one in part]}
        outbox.post("ems", payload, key=f"{key}:{count}", order_key=order_key)


def restore_there(graduate_id: int) -> None:
    """Bring the student back there: the row that was kept there, or ours where nothing was kept."""
    for school, student in students_of_ids([graduate_id]):
        try:
            ems().restore_student(student.key)
        except EmsRefused as refused:
            if refused.code not in UNKNOWN:
                raise
            ems().name_school(student.school, school)
            ems().put_student(student)


def remove_there(keys: Iterable[StudentKey]) -> None:
    """Take students off the roster there; whom it does not know is off already."""
    for key in keys:
        try:
            ems().remove_student(key)
        except EmsRefused as refused:
            if refused.code not in UNKNOWN:
                raise


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
