"""What doors need to tell of long jobs: the result of each item as a sheet; the kinds are declared by their rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask_babel import gettext as _

from app.web.sheets import Column, sheet_answer
from app.workflow import background
from app.workflow.models import Job, JobItem


@dataclass(frozen=True)
class JobSheet:
    """The result sheet of one kind: its name, its columns over (item), and whether an item succeeded in words."""

    name: Callable[[], str]
    columns: Callable[[], Sequence[Column]]


_sheets: dict[str, JobSheet] = {}


def declare(kind: str, sheet: JobSheet) -> None:
    """Say how the results of a kind are written down; called when the doors are opened."""
    _sheets[kind] = sheet


def has_sheet(job: Job) -> bool:
    """Whether there is a sheet to download: once the job is over."""
    return job.kind in _sheets and job.state in ("done", "failed")


def result_sheet(job: Job) -> Response:
    """One line an item, in the order in which they were sent; the caller has checked the scope."""
    sheet = _sheets[job.kind]
    return sheet_answer(sheet.name(), sheet.columns(), background.items_of(job))


def said(item: JobItem) -> str:
    """What became of an item, in words."""
    outcome: dict[str, Any] = item.outcome or {}
    if not outcome:
        return _("Not reached")
    return _("Done") if outcome.get("ok") else str(outcome.get("message") or outcome.get("code"))
