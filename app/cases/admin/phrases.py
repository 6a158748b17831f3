"""Words that can be taken over in the dialog of a verdict, and kept from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.errors import AppError
from app.cases.phrases import queries, services
from app.cases.phrases.queries import Offered
from app.web.pages import refusal_text
from app.workflow.table import Transition, Workflow

KEEP = "keep_phrase"  # the box of the dialog


@dataclass(frozen=True)
class Phrases:
    """What the dialogs of a page offer, by event, and whether the reader may keep more for the school."""

    offered: Mapping[str, Sequence[Offered]]
    may_keep: bool


def phrases_for(workflow: Workflow, rows: Iterable[Transition], actor: Actor) -> Phrases:
    """The words for those verdicts of a page that ask for a reason; one statement, none where no verdict does."""
    events = list(dict.fromkeys(row.event for row in rows if "reason" in row.asks))
    return Phrases(queries.offered(workflow.name, events, actor), services.may_keep(workflow.module, actor))


def keep_sent(workflow: Workflow, event: str, data: Mapping[str, Any], labels: Mapping[str, Any], actor: Actor) -> None:
    """Keep reason and opinions of a verdict that was given just now, where the box says so; a refusal is only told."""
    if KEEP not in request.form:
        return
    shipped = {one.text for one in queries.shipped(event)}
    words = [("", data.get("reason")), *dict(data.get("fields") or {}).items()]
    try:
        for path, text in words:
            if text and (path or text not in shipped):
                told = {"field": path, "label": str(labels.get(path, path))[:64], "text": text}
                services.add_phrase({"workflow": workflow.name, "event": event, **told}, actor=actor)
    except AppError as error:
        flash(_("The phrase was not kept: %(why)s", why=refusal_text(error)), "warning")
