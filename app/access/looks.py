"""What was looked at in the course of a request: rules name it here, the door writes it into the audit trail.

Where nobody listens (jobs, commands) naming something costs nothing and leaves no line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

READ, READ_LIST, DOWNLOAD = "read", "read_list", "download"

_looks: ContextVar[dict[tuple[str, str], Look] | None] = ContextVar("looks", default=None)
# A row with one of these is a person's: their roster row, a case of theirs, an account.
_PERSONAL = ("graduate_id", "graduate_scope_column", "id_number", "person", "applicant_id")


@dataclass(frozen=True)
class Look:
    """One thing that was looked at or taken away; `about` is the row that gives it its place and its graduate."""

    action: str
    subject: str
    about: Any = None
    what: str | None = None  # which file


def listen() -> None:
    """From now on what is looked at is remembered; called at the beginning of a request."""
    _looks.set({})


def heard() -> list[Look]:
    """All that was looked at, each once; called at the end of a request."""
    found = list((_looks.get() or {}).values())
    _looks.set(None)
    return found


@contextmanager
def aside() -> Iterator[None]:
    """What the block reads is read by the program for itself, not shown to anybody."""
    before = _looks.get()
    _looks.set(None)
    try:
        yield
    finally:
        _looks.set(before)


def note(action: str, row: Any, what: str | None = None) -> None:
    """The row (a case, a graduate, an account, a kept file) was looked at, or one of its files was taken away."""
    looks = _looks.get()
    if looks is not None and is_personal(type(row)):
        subject = subject_of(row)
        looks.setdefault((action, f"{subject} {what}"), Look(action, subject, row, what))


def note_list(action: str, model: type[Any]) -> None:
    """A page of a list of such rows was looked at."""
    looks = _looks.get()
    if looks is not None and is_personal(model):
        looks.setdefault((action, model.__name__), Look(action, name_of(model)))


def is_personal(model: type[Any]) -> bool:
    """Whether rows of this table are about a person."""
    return any(hasattr(model, name) for name in _PERSONAL)


def name_of(model: type[Any]) -> str:
    """How the trail calls a table: cases by their workflow."""
    return getattr(model, "workflow_name", "") or str(model.__dict__.get("__tablename__", model.__name__))


def subject_of(row: Any) -> str:
    """How the trail calls a row; a kept file by the case that it belongs to."""
    workflow, case_id = getattr(row, "workflow", None), getattr(row, "case_id", None)
    return f"{workflow} {case_id}" if workflow and case_id else f"{name_of(type(row))} {row.id}"
