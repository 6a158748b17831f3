"""生源核对 on the phone: field by field what the roster says, room for what is right, and what the school has answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import Invalid, texts_of
from app.cases import progress
from app.codes import queries as codes
from app.codes.fields import Field, Kind
from app.correction import records
from app.correction.fields import FIELDS, now_of
from app.correction.home import is_offered
from app.correction.models import Correction
from app.correction.queries import check_of, corrections_of, open_fields, window_of
from app.correction.services import check_roster
from app.correction.workflow import CORRECTION
from app.roster.models import Graduate
from app.roster.records import shown
from app.roster.services.graduates import own_graduate
from app.roster.snapshots import value_of
from app.schools.departments.queries import settled_names
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access
from app.workflow import engine

blueprint = Blueprint("corrections", __name__, url_prefix="/graduate/check")
_PREFIX = "wrong."


@blueprint.get("/")
@page_access(GRADUATE)
def check() -> str:
    """Everything that the roster says, and how to name what is wrong; outside the days, what was answered."""
    return _page({}, {})


@blueprint.post("/")
@page_access(GRADUATE)
@flash_refusals(lambda: url_for("corrections.check"))
def send() -> ResponseReturnValue:
    """Everything was gone through."""
    typed = {name: request.form.get(f"{_PREFIX}{name}", "").strip() for name in FIELDS}
    wrong = {name: value for name, value in typed.items() if value}
    try:
        check_roster({"wrong": wrong, "note": request.form.get("note", "")}, actor=current_actor())
    except Invalid as error:
        return _page(typed, texts_of(error.errors)), 422
    if wrong:
        flash(_("Sent to your school. You get a notice for each answer."), "success")
    else:
        flash(_("Thank you. Your school sees that you have checked everything."), "success")
    return redirect(url_for("corrections.check"))


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def record(case_id: str) -> str:
    """One correction of mine, and what the school answered."""
    actor = current_actor()
    case = engine.load(CORRECTION, row_id(case_id), actor=actor)
    return render_template("correction/record.html", **_told(case, actor), rows=records.correction_rows(case))


def _page(typed: Mapping[str, str], errors: Mapping[str, Any]) -> str:
    actor = current_actor()
    graduate = own_graduate(actor)
    waiting = open_fields(graduate.id)
    return render_template(
        "correction/check.html",
        graduate=graduate,
        window=window_of(graduate),
        done=check_of(graduate.id),
        fields=[_asked(field, graduate, typed.get(name, ""), name in waiting) for name, field in FIELDS.items()],
        cases=[_told(case, actor) for case in corrections_of(graduate.id)],
        typed_note=request.form.get("note", ""),
        errors=errors,
    )


def _asked(field: Field, graduate: Graduate, typed: str, waits: bool) -> dict[str, Any]:
    kinds = {Kind.REGION: "region", Kind.DAY: "date"}
    options: list[tuple[str, str]] = []
    if field.table:
        options = [one for one in codes.choices(field.table) if one[0] not in field.split]
    elif field.name == "department":
        options = [(name, name) for name in settled_names(graduate.school_id)]
    return {
        "name": f"{_PREFIX}{field.name}",
        "label": field.label,
        "shown": shown(field, value_of(graduate, field)) or "—",
        "now": now_of(graduate, field.name),
        "kind": "select" if options else kinds.get(field.kind, "text"),
        "options": options,
        "limit": field.most,
        "typed": typed,
        "waits": waits,
    }


def _told(case: Correction, actor: Actor) -> dict[str, Any]:
    return {
        "case": case,
        "url": url_for("corrections.record", case_id=case.id),
        "title": records.change_text(case),
        "label": CORRECTION.label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "waiting": progress.waiting_sentence(case, actor),
        "timeline": progress.timeline(case, actor),
    }


@blueprint.app_template_global()
def check_url() -> str:
    """Where the reader goes through the own data field by field; "" outside the days."""
    actor = actor_or_none()
    if actor is None or actor.kind != GRADUATE or not is_offered(own_graduate(actor)):
        return ""
    return url_for("corrections.check")
