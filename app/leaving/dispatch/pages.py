"""Where my archive is, on the phone: state, way, number, receiver and what has happened."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for

from app.access.actors import GRADUATE
from app.cases import progress
from app.leaving.dispatch import records
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import dispatch_of
from app.leaving.dispatch.workflow import DISPATCH
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.workflow import engine

blueprint = Blueprint("dispatch", __name__, url_prefix="/graduate/archive-dispatch")


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def record(case_id: str) -> str:
    """The archive of the acting graduate, on its way."""
    actor = current_actor()
    case = engine.load(DISPATCH, row_id(case_id), actor=actor)
    return render_template(
        "dispatch/record.html",
        case=case,
        whereabouts=_told(case),
        timeline=progress.timeline(case, actor),
        elsewhere=records.goes_elsewhere(case),
    )


@blueprint.app_template_global()
def archive_whereabouts() -> dict[str, Any] | None:
    """Where the reader's archive is, for cards on other pages; None where nothing is to be sent."""
    actor = actor_or_none()
    if actor is None or actor.kind != GRADUATE or actor.graduate_id is None or not actor.reads(DISPATCH.module):
        return None
    case = dispatch_of(actor.graduate_id)
    return _told(case) if case is not None else None


def _told(case: Dispatch) -> dict[str, Any]:
    actor = current_actor()
    return {
        "case": case,
        "label": DISPATCH.label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "meaning": records.meaning(case),
        "rows": records.dispatch_rows(case),
        "brief": [*records.way_rows(case), *records.receiver_name(case)],
        "url": url_for("dispatch.record", case_id=case.id),
    }
