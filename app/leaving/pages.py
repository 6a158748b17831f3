"""离校确认 on the phone: everything that is registered, the confirmation with a code, the sheet, who may check it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.cases import progress
from app.cases.services import begin_case
from app.documents.services import document_file
from app.leaving import records
from app.leaving.authorizations.forms import PARTS, last_day
from app.leaving.authorizations.models import Authorization
from app.leaving.authorizations.queries import authorizations_of
from app.leaving.authorizations.services import authorize, revoke
from app.leaving.models import Leaving
from app.leaving.numbering import shown_number
from app.leaving.queries import is_in_review, leaving_of, window_of
from app.leaving.snapshots import check_address
from app.leaving.verifying import PART_WORDS
from app.leaving.workflow import LEAVING
from app.roster.services.graduates import own_graduate
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access
from app.web.shell import contribute
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context

blueprint = Blueprint("leaving", __name__, url_prefix="/graduate/leaving")
_WHERE = {"destination": "graduate.home", "archive": "household.overview", "hukou": "household.overview"}
_ICONS = {"destination": "map-pin", "archive": "folder", "hukou": "house"}


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The way here from 我的."""
    return {"urls": {"leaving": url_for("leaving.overview")}} if actor.kind == GRADUATE else {}


@blueprint.get("/")
@page_access(GRADUATE)
def overview() -> ResponseReturnValue:
    """The confirmation that was begun; else what it is, and the button that begins it while the days last."""
    graduate = own_graduate(current_actor())
    case = leaving_of(graduate.id)
    if case is not None:
        return redirect(url_for("leaving.record", case_id=case.id))
    window = window_of(graduate)
    return render_template("leaving/begin.html", window=window, parts=_parts(Leaving.of(graduate)))


@blueprint.post("/")
@page_access(GRADUATE)
@flash_refusals(lambda: url_for("leaving.overview"))
def begin() -> ResponseReturnValue:
    """Look through what is registered."""
    case = begin_case(LEAVING.name, {}, actor=current_actor())
    return redirect(url_for("leaving.record", case_id=case.id))


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def record(case_id: str) -> str:
    """Everything that is registered, what is missing, and the next step."""
    actor = current_actor()
    case = engine.load(LEAVING, row_id(case_id), actor=actor)
    return render_template(
        "leaving/record.html",
        case=case,
        label=LEAVING.label_of(case, actor),
        tone=progress.tone_for(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        timeline=progress.timeline(case, actor),
        parts=_parts(case),
        numbers=records.number_rows(case),
        said=records.last_words(case),
        refusal=_refusal(case),
        in_review=case.stage == Stage.OFFERED and is_in_review(case.graduate_id),
    )


@blueprint.get("/<case_id>/sheet")
@page_access(GRADUATE)
def sheet(case_id: str) -> ResponseReturnValue:
    """The sealed sheet; the record once more while it is being made."""
    case = engine.load(LEAVING, row_id(case_id), actor=current_actor())
    if case.stage != Stage.IN_FORCE:
        raise NotFound()
    found = document_file(case, LEAVING.document)
    if found is None:
        flash(_("The sheet is being made. Please try again in a moment."), "info")
        return redirect(url_for("leaving.record", case_id=case.id))
    return send_file(found[0], mimetype="application/pdf", as_attachment=True, download_name=found[1])


@blueprint.get("/authorizations")
@page_access(GRADUATE)
def authorizations() -> str:
    """Who may check what, until when, and who has."""
    return _authorizations({}, {})


@blueprint.post("/authorizations")
@page_access(GRADUATE)
def give() -> ResponseReturnValue:
    """Let somebody check chosen parts."""
    typed = {"to": request.form.get("to", ""), "until": request.form.get("until", "")}
    body = {**typed, "fields": request.form.getlist("fields")}
    try:
        authorize(body, actor=current_actor())
    except Invalid as error:
        return _authorizations(body, texts_of(error.errors)), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(url_for("leaving.authorizations"))
    flash(_("Authorized. Give the number and your name to whom it may concern."), "success")
    return redirect(url_for("leaving.authorizations"))


@blueprint.post("/authorizations/<int:authorization_id>/revoke")
@page_access(GRADUATE)
def take_back(authorization_id: int) -> ResponseReturnValue:
    """Revoke it at once."""
    revoke(authorization_id, actor=current_actor())
    flash(_("Revoked. Nobody can check by this number any more."), "success")
    return redirect(url_for("leaving.authorizations"))


def _authorizations(typed: dict[str, Any], errors: dict[str, Any]) -> str:
    actor = current_actor()
    case = leaving_of(actor.graduate_id or 0)
    return render_template(
        "leaving/authorizations.html",
        case=case,
        confirmed=case is not None and case.stage == Stage.IN_FORCE,
        found=[_told(one, case) for one in authorizations_of(actor)],
        parts=[(one, PART_WORDS[one]) for one in PARTS],
        typed=typed,
        errors=errors,
        last_day=last_day(),
    )


def _told(one: Authorization, case: Leaving | None) -> dict[str, Any]:
    rests = case is None or case.stage != Stage.IN_FORCE
    label, tone = _("In force"), "in_force"
    if one.revoked_at is not None:
        label, tone = _("Revoked"), "over"
    elif one.is_over:
        label, tone = _("Over"), "over"
    elif rests:
        label, tone = _("Rests until you have confirmed again"), "theirs"
    return {
        "row": one,
        "number": shown_number(one.number),
        "address": check_address(one.number),
        "parts": [PART_WORDS[part] for part in one.fields],
        "label": label,
        "tone": tone,
        "ends": one.revoked_at is None and not one.is_over,
    }


def _parts(case: Leaving) -> list[dict[str, Any]]:
    """Destination, archive and hukou as cards: what is registered, or where it is done."""
    return [
        {"name": PART_WORDS[kind], "icon": _ICONS[kind], "rows": rows, "url": url_for(_WHERE[kind])}
        for kind, rows in records.parts_of(case).items()
    ]


def _refusal(case: Leaving) -> str:
    """Why it cannot be confirmed now, in words; "" where it can, or where nobody would."""
    if case.stage != Stage.OFFERED:
        return ""
    (row,) = LEAVING.named("confirm")
    try:
        engine.check_creation(Context(LEAVING, row, case, current_actor()))
    except Conflict as refusal:
        return str(refusal.message)
    return ""
