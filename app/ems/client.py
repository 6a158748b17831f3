"""The client of the employment management system: one method a call (contract: app/ems/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from app.base.breaker import Breaker
from app.base.settings import once, settings
from app.ems.channel import Channel
from app.ems.messages import (
    Changes,
    Destination,
    EmsStudent,
    RecordEdits,
    ReportOutcome,
    RosterState,
    StudentKey,
    StudentView,
    UploadOutcome,
)
from config import Settings

BATCH = 1000
PAGE_SECONDS = 2.0  # the most a page waits for the other system, everything included
BATCH_SECONDS = 60.0


class EmsClient:
    """Calls raise EmsUnavailable (try later) or EmsRefused (the same again gets the same); see Channel.call.

    Safe for threads, not across a fork.
    """

    def __init__(self, url: str, token: str, breaker: Breaker | None = None) -> None:
        self.channel = Channel(url, token, breaker)

    def close(self) -> None:
        self.channel.close()

    def view(self, key: StudentKey, seconds: float = PAGE_SECONDS) -> StudentView:
        """The student and the reported destination in one request, tried once: for pages."""
        return self.channel.call("GET", _student(key), StudentView.read, seconds=seconds, tries=1)

    def student(self, key: StudentKey) -> EmsStudent:
        """The student as the other system holds it, removed ones included."""
        return self.channel.call("GET", _student(key), lambda answer: StudentView.read(answer).student)

    def put_student(self, student: EmsStudent) -> EmsStudent:
        """Add or change one student; a removed one is on the roster again."""
        return self.channel.call("PUT", _student(student.key), _read_student, body=student.told())

    def put_students(self, school: str, cohort: int, students: Iterable[EmsStudent]) -> UploadOutcome:
        """Add and change many, in batches of 1000; each batch is written whole or not at all."""
        told = [student.told() for student in students]
        total = UploadOutcome(0, 0, 0)
        for start in range(0, len(told), BATCH):
            total += self.channel.call(
                "PUT",
                f"{_roster(school, cohort)}/students",
                UploadOutcome.read,
                body={"students": told[start : start + BATCH]},
                seconds=BATCH_SECONDS,
            )
        return total

    def change_contact(self, key: StudentKey, mobile: str | None, email: str | None) -> EmsStudent:
        """Tell the mobile and e-mail that the graduate has set (R1.10)."""
        return self.channel.call("PATCH", _student(key), _read_student, body={"mobile": mobile, "email": email})

    def remove_student(self, key: StudentKey) -> EmsStudent:
        """Take the student off the roster; the row is kept."""
        return self.channel.call("DELETE", _student(key), _read_student)

    def restore_student(self, key: StudentKey) -> EmsStudent:
        """Upload the kept row again (恢复网签数据)."""
        return self.channel.call("POST", f"{_student(key)}/restore", _read_student)

    def report_destination(
        self, key: StudentKey, destination: Destination, *, sequence: int, idempotency_key: str
    ) -> ReportOutcome:
        """Report a destination; late and repeated reports have no effect (contract, rules 1 and 2)."""
        return self.report(key, "destination", destination.told(), sequence=sequence, idempotency_key=idempotency_key)

    def report(
        self, key: StudentKey, kind: str, record: Mapping[str, Any], *, sequence: int, idempotency_key: str
    ) -> ReportOutcome:
        """Report a record of a kind: destination, archive, hukou."""
        return self.channel.call(
            "PUT",
            f"{_student(key)}/records/{quote(kind, safe='')}",
            ReportOutcome.read,
            body={"sequence": sequence, "record": dict(record)},
            headers={"Idempotency-Key": idempotency_key},
        )

    def changes_since(self, school: str, cohort: int, cursor: int, limit: int = 500) -> Changes:
        """Students changed, removed or restored after the cursor (0 = from the start)."""
        params = {"updated_since": cursor, "limit": limit}
        return self.channel.call("GET", f"{_roster(school, cohort)}/students", Changes.read, params=params)

    def record(self, key: StudentKey, kind: str) -> Mapping[str, Any] | None:
        """What is held there of a kind (archive, hukou), with the `sequence` of its report; None without any."""
        path = f"{_student(key)}/records/{quote(kind, safe='')}"
        return self.channel.call("GET", path, _read_record)

    def edits_after(self, school: str, cohort: int, cursor: int, limit: int = 500) -> RecordEdits:
        """Archive and hukou records that were changed there after the cursor (0 = from the start)."""
        params = {"after": cursor, "limit": limit}
        return self.channel.call("GET", f"{_roster(school, cohort)}/edits", RecordEdits.read, params=params)

    def rosters(self) -> Sequence[RosterState]:
        """Every roster with its cursor: one call tells where something has changed."""
        return self.channel.call("GET", "rosters", RosterState.read_all)

    def name_school(self, school: str, name: str) -> None:
        """Tell the school's name."""
        self.channel.call("PUT", f"schools/{quote(school, safe='')}", _ignore, body={"name": name})

    def tell_switch(self, school: str, cohort: int, is_open: bool, sequence: int | None = None) -> None:
        """Tell whether the school has opened signing for the cohort; bulk removal there depends on it (R3.2)."""
        body = {"open": is_open, **({} if sequence is None else {"sequence": sequence})}
        self.channel.call("PUT", f"{_roster(school, cohort)}/switch", _ignore, body=body)


def _student(key: StudentKey) -> str:
    return f"students/{quote(key.school, safe='')}/{key.cohort}/{quote(key.exam_number, safe='')}"


def _roster(school: str, cohort: int) -> str:
    return f"schools/{quote(school, safe='')}/cohorts/{cohort}"


def _read_student(answer: Any) -> EmsStudent:
    return EmsStudent.read(answer["student"])


def _read_record(answer: Any) -> Mapping[str, Any] | None:
    record = answer["record"]
    if record is not None and not isinstance(record["sequence"], int):
        raise TypeError("not a record")
    return None if record is None else dict(record)


def _ignore(answer: Any) -> None:
    """The status says it all."""


@once
def ems(settings: Settings) -> EmsClient:
    """The client of this process; nothing is opened until it is needed."""
    return EmsClient(settings.ems_url, settings.ems_token)


def student_page(key: StudentKey) -> str:
    """Address of the student's page there (到就业系统查看)."""
    return f"{settings().ems_public_url}/{_student(key)}"
