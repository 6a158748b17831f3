"""与事实不符 on the phone: begun beside any record of one's own, then how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE
from app.base.errors import Invalid, NotFound, texts_of
from app.cases import progress
from app.cases.pages import photos
from app.cases.services import begin_case
from app.objection import records
from app.objection.models import Objection
from app.objection.queries import may_object, objectionable, open_objection, record_of
from app.objection.workflow import OBJECTION
from app.web.current import actor_or_none, current_actor
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access
from app.workflow import engine

blueprint = Blueprint("objections", __name__, url_prefix="/graduate/objections")


@blueprint.get("/about/<workflow>/<case_id>")
@page_access(GRADUATE)
def begin(workflow: str, case_id: str) -> ResponseReturnValue:
    """The record, and room to say what is not true about it; an objection under way is shown instead."""
    record, found = _record(workflow, case_id), open_objection(workflow, row_id(case_id), actor=current_actor())
    return redirect(url_for("objections.record", case_id=found.id)) if found else _form(record, "", {})


@blueprint.post("/about/<workflow>/<case_id>")
@page_access(GRADUATE)
@flash_refusals(lambda workflow, case_id: url_for("objections.begin", workflow=workflow, case_id=case_id))
def send(workflow: str, case_id: str) -> ResponseReturnValue:
    """Lay it before the province."""
    record, typed = _record(workflow, case_id), request.form.get("text", "")
    body = {"workflow": workflow, "case_id": record.id, "text": typed}
    try:
        case = begin_case(OBJECTION.name, body, actor=current_actor())
    except Invalid as error:
        return _form(record, typed, texts_of(error.errors)), 422
    flash(_("Your objection has been sent to the authority of your province."), "success")
    return redirect(url_for("objections.record", case_id=case.id))


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def record(case_id: str) -> str:
    """One objection of mine: what I said, how far it is, what was found."""
    actor = current_actor()
    case = engine.load(OBJECTION, row_id(case_id), actor=actor)
    return render_template(
        "objection/record.html",
        case=case,
        title=OBJECTION.initial[0].label(case),
        label=OBJECTION.label_of(case, actor),
        tone=progress.tone_for(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        timeline=progress.timeline(case, actor),
        rows=records.objection_rows(case),
        files=photos.shown(case),
        kinds=OBJECTION.files.kinds,
        about=record_rows_of(case, actor),
        about_url=record_url(case.about, case.about_id, GRADUATE),
    )


def record_rows_of(case: Objection, actor: Any) -> list[tuple[Any, Any]]:
    """The record that it is about, as it stands now."""
    return records.record_rows(record_of(case, actor=actor), actor)


def objection_url(workflow: str, case_id: int) -> str:
    """Where the reader objects to this record; empty for readers and records for which there is no such way."""
    if not may_object(workflow, actor_or_none()):
        return ""
    return url_for("objections.begin", workflow=workflow, case_id=case_id)


def _record(workflow: str, case_id: str) -> Any:
    table = objectionable(workflow)
    if table is None:
        raise NotFound()
    return engine.load(table, row_id(case_id), actor=current_actor())


def _form(found: Any, typed: str, errors: Mapping[str, Sequence[Any]]) -> str:
    actor = current_actor()
    return render_template(
        "objection/form.html",
        found=found,
        title=OBJECTION.initial[0].label(found),
        kind=objectionable(found.workflow_name),
        rows=records.record_rows(found, actor),
        timeline=progress.timeline(found, actor),
        typed=typed,
        errors=errors,
        back_url=record_url(found.workflow_name, found.id, GRADUATE),
    )


def register(app: Flask) -> None:
    """Let the pages of every record lead here."""
    app.jinja_env.globals["objection_url"] = objection_url
