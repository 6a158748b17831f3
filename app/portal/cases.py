"""The page of a case that every workflow has, for graduates and units: what it says, how far it is, what can be done.

A workflow whose room has no pages of its own is shown here alone; one that has them leaves to this door the steps that
its pages do not draw, so that a new row of a table can be pressed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.base.errors import Conflict, Invalid, NotFound
from app.cases import asks, attachments, progress
from app.cases.models import CaseMixin
from app.cases.pages import photos
from app.cases.records import said_rows
from app.cases.services import begin_case, discard_case, edit_case, is_discardable, is_editable
from app.web.current import actor_or_none, current_actor
from app.web.links import record_url
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, layout_of, page_access
from app.workflow import engine, registry
from app.workflow.table import Transition, Workflow

graduates = Blueprint("own_cases", __name__, url_prefix="/graduate/cases")
units = Blueprint("unit_cases", __name__, url_prefix="/employer/cases")
_DOORS = {GRADUATE: graduates, EMPLOYER: units}
Errors = Mapping[str, Sequence[Any]]


@graduates.get("/<workflow>/<case_id>")
@page_access(GRADUATE)
def own_record(workflow: str, case_id: str) -> str:
    """One case of mine."""
    return _record(engine.load(registry.get(workflow), row_id(case_id), actor=current_actor()))


@units.get("/<workflow>/<case_id>")
@page_access(EMPLOYER)
def unit_record(workflow: str, case_id: str) -> str:
    """One case of the unit."""
    return _record(engine.load(registry.get(workflow), row_id(case_id), actor=current_actor()))


@graduates.get("/<workflow>/new")
@page_access(GRADUATE)
def own_begin(workflow: str) -> str:
    """The empty form of a new case."""
    return _form(_written(workflow), None, {})


@graduates.post("/<workflow>/new")
@page_access(GRADUATE)
def own_create(workflow: str) -> ResponseReturnValue:
    """Begin a case: hand it in, or keep it as a draft."""
    table, sent = _written(workflow), asks.data_of(request.form)
    submit = sent.pop("keep", None) is None
    try:
        case = begin_case(table.name, sent, actor=current_actor(), submit=submit)
    except Invalid as error:
        return _form(table, None, sent, error.errors), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(url_for("graduate.home"))
    return _done(case)


@graduates.get("/<workflow>/<case_id>/edit")
@page_access(GRADUATE)
def own_edit(workflow: str, case_id: str) -> ResponseReturnValue:
    """The form of a draft, or of a case that was sent back, with the reviewer's words at its fields."""
    table = _written(workflow)
    case = engine.load(table, row_id(case_id), actor=current_actor())
    return _form(table, case, case.data) if is_editable(case) else redirect(_address(case))


@graduates.post("/<workflow>/<case_id>/edit")
@page_access(GRADUATE)
@flash_refusals(lambda workflow, case_id: url_for("own_cases.own_record", workflow=workflow, case_id=case_id))
def own_save(workflow: str, case_id: str) -> ResponseReturnValue:
    """Keep what was typed."""
    table, sent, actor = _written(workflow), asks.data_of(request.form), current_actor()
    seen = seen_version(sent.pop("version", None))
    try:
        case = edit_case(table.name, row_id(case_id), sent, actor=actor, version=seen)
        photos.take_sent(table.name, case.id, actor=actor) if table.files is not None else None
    except Invalid as error:
        return _form(table, engine.load(table, row_id(case_id), actor=actor), sent, error.errors), 422
    return _done(case)


@graduates.post("/<workflow>/<case_id>/discard")
@page_access(GRADUATE)
@flash_refusals(lambda workflow, case_id: record_url(workflow, row_id(case_id), GRADUATE) or "/")
def own_discard(workflow: str, case_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    seen = seen_version(request.form.get("version"))
    discard_case(registry.get(workflow).name, row_id(case_id), actor=current_actor(), version=seen)
    flash(_("The draft is deleted."), "success")
    return redirect(url_for("graduate.home"))


def discard_url(case: CaseMixin) -> str | None:
    """Where the draft is thrown away that the page shows; None where it cannot be. For templates of any room."""
    actor = actor_or_none()
    if actor is None or actor.kind != GRADUATE or case is None or not is_discardable(case, actor):
        return None
    return url_for("own_cases.own_discard", workflow=case.workflow_name, case_id=case.id)


@graduates.post("/<workflow>/<case_id>/<event>")
@page_access(GRADUATE)
@flash_refusals(lambda workflow, case_id, event: url_for("own_cases.own_record", workflow=workflow, case_id=case_id))
def own_step(workflow: str, case_id: str, event: str) -> ResponseReturnValue:
    """Whatever the table lets me do with it."""
    return _step(workflow, row_id(case_id), event)


@units.post("/<workflow>/<case_id>/<event>")
@page_access(EMPLOYER)
@flash_refusals(lambda workflow, case_id, event: url_for("unit_cases.unit_record", workflow=workflow, case_id=case_id))
def unit_step(workflow: str, case_id: str, event: str) -> ResponseReturnValue:
    """Whatever the table lets the unit do with it."""
    return _step(workflow, row_id(case_id), event)


def further_steps(case: CaseMixin, *drawn: str) -> list[dict[str, Any]]:
    """What the reader of the page can do besides the events that the page draws itself; for templates of any room."""
    actor = actor_or_none()
    if actor is None or actor.kind not in _DOORS:
        return []
    rows = engine.available_transitions(case, actor)
    return [_offered(case, row, actor) for row in rows if row.event not in drawn]


def _offered(case: CaseMixin, row: Transition, actor: Actor) -> dict[str, Any]:
    door = "own_cases.own_step" if actor.kind == GRADUATE else "unit_cases.unit_step"
    label = str(row.label(case))
    return {
        "event": row.event,
        "label": label,
        "danger": row.irreversible,
        "fields": asks.fields_of(row.form, request.form),
        "url": url_for(door, workflow=case.workflow_name, case_id=case.id, event=row.event),
        "cannot": _("This cannot be taken back, and everybody concerned is told at once.") if row.irreversible else "",
    }


def _step(workflow: str, case_id: int, event: str) -> ResponseReturnValue:
    data = asks.data_of(request.form)
    seen = seen_version(data.pop("version", None))
    table = registry.get(workflow)
    try:
        case = engine.fire(table.name, case_id, event, actor=current_actor(), data=data, version=seen)
    except Invalid as error:
        case = engine.load(table, case_id, actor=current_actor())
        if event == "submit" and is_editable(case):  # what is missing is told at the fields of its form
            return _form(table, case, case.data, error.errors), 422
        return _record(case, refused=event, errors=error.errors), 422
    return _done(case)


def _done(case: CaseMixin) -> ResponseReturnValue:
    label = registry.get(case.workflow_name).label_of(case, current_actor())
    flash(_("Done: %(label)s", label=label), "success")
    return redirect(_address(case))


def _address(case: CaseMixin) -> str:
    return record_url(case.workflow_name, case.id, current_actor().kind) or "/"


def _record(case: Any, *, refused: str = "", errors: Errors | None = None) -> str:
    actor, table = current_actor(), registry.get(case.workflow_name)
    return render_template(
        "portal/case.html",
        layout=layout_of(actor.kind),
        case=case,
        workflow=table,
        label=table.label_of(case, actor),
        tone=progress.tone_for(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        timeline=progress.timeline(case, actor),
        rows=said_rows(case),
        kinds=attachments.kinds_of(case) if table.files is not None else (),
        files=photos.shown(case) if table.files is not None else {},
        edit_url=url_for("own_cases.own_edit", workflow=table.name, case_id=case.id)
        if actor.kind == GRADUATE and table.writing is not None and is_editable(case)
        else None,
        refused=refused,
        errors=errors or {},
    )


def _form(table: Workflow, case: Any, values: Mapping[str, Any], errors: Errors | None = None) -> str:
    sent = {name: value for name, value in values.items() if isinstance(value, str)}
    opinions = (getattr(case, "opinions", None) or {}) if case is not None else {}
    return render_template(
        "portal/case_form.html",
        layout=layout_of(GRADUATE),
        workflow=table,
        case=case,
        fields=asks.fields_of(table.writing.form, sent),
        errors=errors or {},
        opinions=opinions,
        kinds=attachments.kinds_of(case) if case is not None and table.files is not None else (),
        files=photos.shown(case) if case is not None and table.files is not None else {},
        photos_url=photos.address(case) if case is not None and table.files is not None else None,
    )


def _written(workflow: str) -> Workflow:
    """A workflow whose cases are written on this door: those with pages of their own are written there."""
    table = registry.get(workflow)
    if table.writing is None or GRADUATE in table.pages:
        raise NotFound()
    return table


def register(app: Flask) -> None:
    """Open both doors, and let every room's templates offer the steps that they do not draw."""
    app.register_blueprint(graduates)
    app.register_blueprint(units)
    app.jinja_env.globals.update(further_steps=further_steps, discard_url=discard_url)
