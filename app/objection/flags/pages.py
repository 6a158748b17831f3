"""What a marked unit sees: who has marked it and why, and its one word against each mark."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.errors import Conflict, Invalid, texts_of
from app.cases import progress
from app.cases.services import begin_case
from app.employers.guards import verified_employer
from app.objection.flags import records
from app.objection.flags.queries import marks_on
from app.objection.flags.workflow import FLAG_OBJECTION
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.shell import contribute
from app.workflow import engine

blueprint = Blueprint("flags_on_unit", __name__, url_prefix="/employer/flags")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """How many marks stand on the unit, for its workbench."""
    marked = len(marks_on(actor)) if actor.kind == EMPLOYER and request.endpoint == "employer.workbench" else 0
    return {"marked": marked, "marks_url": url_for("flags_on_unit.show")} if marked else {}


@blueprint.get("")
@page_access(EMPLOYER)
def show() -> str:
    """The marks on the unit."""
    return _page({})


@blueprint.post("/object")
@page_access(EMPLOYER)
def start() -> ResponseReturnValue:
    """Object to one of them."""
    sent = {name: request.form.get(name, "") for name in ("warning_id", "text")}
    try:
        case = begin_case(FLAG_OBJECTION.name, sent, actor=current_actor())
    except Invalid as error:
        return _page(texts_of(error.errors), sent), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(url_for("flags_on_unit.show"))
    flash(_("Your objection has been sent. The school answers, and the province sees it."), "success")
    return redirect(url_for("flags_on_unit.record", case_id=case.id))


@blueprint.get("/objections/<case_id>")
@page_access(EMPLOYER)
def record(case_id: str) -> str:
    """One objection of the unit: how it stands and what was answered."""
    actor = current_actor()
    case = engine.load(FLAG_OBJECTION, row_id(case_id), actor=actor)
    return render_template(
        "flags_answered/record.html",
        case=case,
        label=FLAG_OBJECTION.label_of(case, actor),
        tone=progress.tone_for(case, actor),
        rows=records.objection_rows(case),
        timeline=progress.timeline(case, actor),
        waiting=FLAG_OBJECTION.label_of(case, actor) if case.waits_for else "",
    )


def _page(errors: dict[str, list[str]], sent: dict[str, str] | None = None) -> str:
    actor = current_actor()
    unit = verified_employer(actor)
    rows = [
        {
            "mark": one.warning,
            "school": one.school.name,
            "kinds": records.kinds_text(one.warning.kinds),
            "objection": one.objection,
            "label": FLAG_OBJECTION.label_of(one.objection, actor) if one.objection else "",
            "tone": progress.tone_for(one.objection, actor) if one.objection else "",
        }
        for one in marks_on(actor)
    ]
    return render_template(
        "flags_answered/marks.html",
        unit=unit,
        rows=rows,
        errors=errors,
        sent=sent or {},
        may_object=actor.may("can_start", FLAG_OBJECTION.name),
    )
