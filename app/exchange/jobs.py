"""Large files in the background: each is written, or its answers are taken, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.access.actors import Actor
from app.base.database import savepoint
from app.base.errors import AppError, Invalid, texts_of
from app.exchange.services import READ, WRITE
from app.exchange.services.answers import drop_kept_answers, take_kept_answers
from app.exchange.services.files import write_share
from app.workflow import background
from app.workflow.models import Job, JobItem


def _write(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    """One file."""
    (item,) = items
    told = item.payload
    file = write_share(told["kind"], told["format"], told["until"], actor=actor, province=told["province"])
    return [{"ok": True, "file": file.id, "rows": file.rows} if file else {"ok": True, "rows": 0}]


def _take(job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    """The answers of one file. Those that cannot be taken are told."""
    (item,) = items
    try:
        with savepoint():
            return [{"ok": True, **vars(take_kept_answers(item.payload["file"], actor=actor))}]
    except AppError as refused:
        texts = texts_of(refused.errors)["file"] if isinstance(refused, Invalid) else [refused.message]
        return [{"ok": False, "code": refused.code, "message": " ".join(texts)}]


def _files(job: Job) -> dict[str, Any]:
    outcomes = [item.outcome or {} for item in background.items_of(job)]
    return {
        "files": [one["file"] for one in outcomes if "file" in one],
        "rows": sum(one.get("rows", 0) for one in outcomes),
        "problems": [one["message"] for one in outcomes if not one.get("ok")],
    }


def _answers(job: Job) -> dict[str, Any]:
    """However it ended: the answers are no longer kept, and others can come."""
    (item,) = background.items_of(job)
    drop_kept_answers(item.payload["file"])
    return {"file": item.payload["file"], **(item.outcome or {})}


background.kind(WRITE, _write, finish=_files, portion=1)
background.kind(READ, _take, finish=_answers, portion=1)
