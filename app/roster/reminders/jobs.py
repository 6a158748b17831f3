"""Reminders to many graduates, in portions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actors import Actor
from app.roster.reminders.services import KIND, require_reminders, tell
from app.workflow import background
from app.workflow.models import Job, JobItem


def _remind(_job: Job, items: Sequence[JobItem], actor: Actor) -> list[dict[str, Any]]:
    require_reminders(actor)
    ids = [item.payload["id"] for item in items]
    told = tell(ids, actor)
    return [
        {"id": one, "ok": True}
        if one in told
        else {"id": one, "ok": False, "code": "not_now", "message": _("Left out.")}
        for one in ids
    ]


def _counts(job: Job) -> dict[str, Any]:
    done = sum(1 for item in background.items_of(job) if (item.outcome or {}).get("ok"))
    return {"done": done, "left_out": job.total - done}


background.kind(KIND, _remind, finish=_counts, portion=100)
