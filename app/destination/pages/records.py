"""My destinations: which there are, how far each is, and what I can do with it (R7.9-R7.11, R7.13)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import Invalid, NotFound
from app.cases import progress
from app.cases.pages import photos
from app.cases.services import is_editable
from app.destination.catalogue import type_of
from app.destination.home import why_not
from app.destination.models import Destination
from app.destination.queries import (
    amendments_of,
    compared,
    destinations_visible_to,
    open_change,
    place_of,
    record_rows,
    type_label,
)
from app.destination.services import begin_change
from app.destination.warnings import warnings_of
from app.destination.workflow import DESTINATION
from app.flags.queries import warning_for
from app.roster.services.graduates import own_graduate
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, page_access, refusal_text
from app.web.paging import page_of
from app.workflow import engine

blueprint = Blueprint("destinations", __name__, url_prefix="/graduate/destinations")
_EVENTS = ("submit", "withdraw", "void")


@blueprint.get("/")
@page_access(GRADUATE)
def overview() -> str:
    """All my destinations, newest first, and the way to a new one."""
    actor = current_actor()
    graduate = own_graduate(actor)
    page = page_of(destinations_visible_to(actor).order_by(Destination.id.desc()))
    return render_template(
        "destination/overview.html",
        page=page,
        rows=[item(case, actor) for case in page.rows],
        closed=why_not(graduate, actor) if graduate.invalid_since is None else "",
        removed=graduate.invalid_since is not None,
    )


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def record(case_id: str) -> ResponseReturnValue:
    """One destination; what can be edited opens as the form, at the fields that the reviewer named."""
    actor = current_actor()
    case = engine.load(DESTINATION, row_id(case_id), actor=actor)
    if "submit" in engine.available(case, actor):
        return redirect(url_for("destination_forms.edit", case_id=case.id))
    return render_template("destination/record.html", **reading(case, actor))


@blueprint.get("/<case_id>/check")
@page_access(GRADUATE)
def check(case_id: str) -> ResponseReturnValue:
    """Everything once more as the reviewer will see it, before it is handed in."""
    actor = current_actor()
    case = engine.load(DESTINATION, row_id(case_id), actor=actor)
    if not is_editable(case):
        return redirect(url_for("destinations.record", case_id=case.id))
    return render_template("destination/check.html", **reading(case, actor))


@blueprint.post("/<case_id>/change")
@page_access(GRADUATE)
@flash_refusals(lambda case_id: url_for("destinations.record", case_id=case_id))
def change(case_id: str) -> ResponseReturnValue:
    """申请变更: a new version to fill in, as the approved one is now."""
    new = begin_change(row_id(case_id), actor=current_actor())
    return redirect(url_for("destination_forms.edit", case_id=new.id))


@blueprint.post("/<case_id>/<event>")
@page_access(GRADUATE)
@flash_refusals(lambda case_id, event: url_for("destinations.record", case_id=case_id))
def fire(case_id: str, event: str) -> ResponseReturnValue:
    """提交, 撤回 or 作废."""
    if event not in _EVENTS:
        raise NotFound()
    number, reason = row_id(case_id), request.form.get("reason", "").strip()
    try:
        engine.fire(
            DESTINATION.name,
            number,
            event,
            actor=current_actor(),
            data={"reason": reason} if reason else {},
            version=seen_version(request.form.get("version")),
        )
    except Invalid as error:
        if event != "submit":
            raise
        flash(refusal_text(error), "danger")
        return redirect(url_for("destination_forms.edit", case_id=number, complete=1))
    flash(_done(event), "success")
    return redirect(url_for("destinations.record", case_id=number))


def item(case: Destination, actor: Actor) -> dict[str, Any]:
    """A case as lists and heads show it."""
    return {
        "case": case,
        "type": type_label(case.type),
        "place": place_of(case),
        "label": DESTINATION.label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "events": engine.available(case, actor),
        "transitions": {row.event: row for row in engine.available_transitions(case, actor)},
    }


def reading(case: Destination, actor: Actor) -> dict[str, Any]:
    """What pages that show a case need: facts, pictures, what is odd, corrections, the way so far."""
    uscc = case.record.get("uscc")
    kind = type_of(case.type)
    return {
        **item(case, actor),
        "facts": [row for row in record_rows(case)[1:] if row[1]],
        "proofs": kind.proofs if kind else (),
        "files": photos.shown(case),
        "odd": warnings_of(case),
        "warning": warning_for(uscc, actor, case.school_id) if uscc else None,
        "amendments": amendments_of(case),
        "compared": compared(case),
        "change": open_change(case),
        "timeline": progress.timeline(case, actor),
        "waiting": progress.waiting_sentence(case, actor),
    }


def _done(event: str) -> str:
    return {
        "submit": _("Submitted. You are told as soon as it has been reviewed."),
        "withdraw": _("Taken back. You can edit it and submit it again."),
        "void": _("Voided. You can register another destination or sign now."),
    }[event]
