"""What the platform and the employment system tell each other, and what can go wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import date, datetime
from typing import Any, Self

from flask_babel import lazy_gettext as _

from app.base.failures import Failure
from app.codes.fields import Kind
from app.codes.graduate_fields import in_ems
from app.codes.record_fields import DESTINATION
from app.codes.record_fields import FIELDS as RECORD_FIELDS
from app.codes.words import plain

# A report about a student or roster that has not been uploaded yet: it waits.
UNKNOWN = ("unknown_student", "unknown_roster")
# The other 404 of the contract. Any further one comes from an address where no such system stands.
UNKNOWN_KIND = "unknown_kind"


class EmsUnavailable(Failure):
    """The employment system does not answer in time or not sensibly; trying again later can help."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="ems_unavailable")
        self.text = _("The employment management system cannot be reached at the moment.")


class EmsRefused(Failure):
    """The employment system understood and refused; the same call again gets the same answer. `code` is its own."""

    def __init__(self, status: int, code: str, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        told = "; ".join(f"{field}: {' '.join(words)}" for field, words in (errors or {}).items())
        super().__init__(f"{code}: {message} {told}".strip(), code=code)
        self.status = status
        self.message = message
        self.errors = dict(errors or {})


@dataclass(frozen=True)
class StudentKey:
    """How the employment system names a student: school code, cohort, exam number (考生号)."""

    school: str
    cohort: int
    exam_number: str


_Fields: Any = make_dataclass(
    "_Fields", [(one.name, Any, field(default=None)) for one in in_ems()], frozen=True, kw_only=True
)


@dataclass(frozen=True, kw_only=True)
class EmsStudent(_Fields):
    """A student as the employment system holds it, field by field of the list; codes are text."""

    school: str
    cohort: int
    exam_number: str
    removed: bool = False
    removed_at: datetime | None = None
    updated_at: datetime | None = None
    change: int = 0

    @property
    def key(self) -> StudentKey:
        """The student's key."""
        return StudentKey(self.school, self.cohort, self.exam_number)

    def told(self) -> dict[str, Any]:
        """What is sent when the student is written: without what the other system decides."""
        return {one.ems_key: plain(getattr(self, one.name)) for one in in_ems()}

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer; raises KeyError, TypeError or ValueError when it is not one."""
        values = {one.name: answer[one.ems_key] for one in in_ems()}
        if not isinstance(values["name"], str) or not isinstance(answer["removed"], bool):
            raise TypeError("not a student")
        for one in in_ems():
            if one.kind is Kind.DAY and values[one.name]:
                values[one.name] = date.fromisoformat(values[one.name])
        for name in ("removed_at", "updated_at"):
            values[name] = datetime.fromisoformat(answer[name]) if answer[name] else None
        return cls(**values, removed=answer["removed"], change=answer["change"])


_Reported: Any = make_dataclass(
    "_Reported", [(one.name, Any, field(default=None)) for one in RECORD_FIELDS[DESTINATION]], frozen=True
)


@dataclass(frozen=True)
class Destination(_Reported):
    """A graduate's destination as it is reported, field by field of the list; 待就业 has code 70 and no employer."""

    reported_at: datetime | None = None
    sequence: int = 0

    def told(self) -> dict[str, Any]:
        """What is sent when it is reported."""
        fields = ((one, getattr(self, one.name)) for one in RECORD_FIELDS[DESTINATION])
        told = {one.name: value for one, value in fields if value or not one.later}
        return told if self.reported_at is None else {**told, "reported_at": self.reported_at.isoformat()}

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer; raises KeyError, TypeError or ValueError when it is not one."""
        later = {one.name: None for one in RECORD_FIELDS[DESTINATION] if one.later}
        values = {field.name: {**later, **answer}[field.name] for field in fields(cls)}
        if not isinstance(values["code"], str):
            raise TypeError("not a destination")
        return cls(**{**values, "reported_at": datetime.fromisoformat(values["reported_at"])})


@dataclass(frozen=True)
class StudentView:
    """One look at a student: the roster's row and the reported destination."""

    student: EmsStudent
    destination: Destination | None

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer."""
        told = answer["destination"]
        return cls(EmsStudent.read(answer["student"]), None if told is None else Destination.read(told))


@dataclass(frozen=True)
class ReportOutcome:
    """What became of a report: `applied` is False when a later one had already been taken."""

    applied: bool
    removed: bool
    replayed: bool

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer."""
        if not isinstance(answer["applied"], bool):
            raise TypeError("not an outcome")
        return cls(answer["applied"], bool(answer.get("removed")), bool(answer.get("replayed")))


@dataclass(frozen=True)
class UploadOutcome:
    """What became of a batch of students."""

    new: int
    changed: int
    unchanged: int

    def __add__(self, other: UploadOutcome) -> UploadOutcome:
        return UploadOutcome(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer."""
        return cls(int(answer["new"]), int(answer["changed"]), int(answer["unchanged"]))


@dataclass(frozen=True)
class Changes:
    """One page of changes, the cursor after it, and whether there are more."""

    students: tuple[EmsStudent, ...]
    cursor: int
    more: bool

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer."""
        students = tuple(EmsStudent.read(row) for row in answer["students"])
        return cls(students, int(answer["cursor"]), bool(answer["more"]))


@dataclass(frozen=True)
class RecordEdit:
    """An archive or hukou record as it was changed in the employment system; `sequence` is the report it changed."""

    exam_number: str
    kind: str
    sequence: int
    record: Mapping[str, str | None]
    change: int

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer; raises KeyError, TypeError or ValueError when it is not one."""
        record = answer["record"]
        if not isinstance(record, Mapping) or not all(isinstance(value, str | None) for value in record.values()):
            raise TypeError("not a record")
        return cls(
            str(answer["exam_number"]), str(answer["kind"]), int(answer["sequence"]), record, int(answer["change"])
        )


@dataclass(frozen=True)
class RecordEdits:
    """One page of edits, the cursor after it, and whether there are more."""

    edits: tuple[RecordEdit, ...]
    cursor: int
    more: bool

    @classmethod
    def read(cls, answer: Any) -> Self:
        """From an answer."""
        edits = tuple(RecordEdit.read(row) for row in answer["edits"])
        return cls(edits, int(answer["cursor"]), bool(answer["more"]))


@dataclass(frozen=True)
class RosterState:
    """One roster of the employment system: its cursor moves with every change, `edits` with those of records."""

    school: str
    cohort: int
    cursor: int
    switch_open: bool
    edits: int = 0

    @classmethod
    def read_all(cls, answer: Any) -> tuple[Self, ...]:
        """From an answer."""
        return tuple(
            cls(
                row["school"],
                int(row["cohort"]),
                int(row["cursor"]),
                bool(row["switch_open"]),
                int(row.get("edits", 0)),
            )
            for row in answer["rosters"]
        )
