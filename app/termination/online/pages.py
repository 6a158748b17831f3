"""线上解约 in the browser: each side asks, answers and takes back on the page of the agreement (R6.9, R7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.cases.services import begin_case
from app.signing.online.pages.agreements import paper_answer
from app.signing.online.workflow import ONLINE_SIGNING
from app.termination.online import records as online_records
from app.termination.online.workflow import ONLINE_TERMINATION
from app.termination.records import reason_choices
from app.termination.snapshots import CERTIFICATE
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, page_access
from app.workflow import engine

units = Blueprint("unit_termination", __name__, url_prefix="/employer")
graduates = Blueprint("own_termination", __name__, url_prefix="/graduate")
_ANSWERS = ("agree", "refuse", "withdraw")


@units.get("/terminations/<termination_id>")
@page_access(EMPLOYER)
def unit_record(termination_id: str) -> ResponseReturnValue:
    """Where notices lead: the termination is told on the page of its agreement."""
    return redirect(_page_of(row_id(termination_id), current_actor()))


@units.post("/signings/<signing_id>/terminate")
@page_access(EMPLOYER)
@flash_refusals(lambda signing_id: url_for("employer.signing", case_id=signing_id))
def unit_starts(signing_id: str) -> ResponseReturnValue:
    """发起解约, with the reason in words."""
    body = {"signing_id": row_id(signing_id), "reason": request.form.get("reason", "")}
    begin_case(ONLINE_TERMINATION.name, body, actor=current_actor())
    flash(_("Your application has been sent. The graduate now has to answer."), "success")
    return redirect(f"{url_for('employer.signing', case_id=signing_id)}#termination")


@units.post("/terminations/<termination_id>/<event>")
@page_access(EMPLOYER)
@flash_refusals(lambda termination_id, event: url_for("unit_termination.unit_record", termination_id=termination_id))
def unit_answers(termination_id: str, event: str) -> ResponseReturnValue:
    """同意解约, 拒绝解约 or 撤回."""
    return _answer(row_id(termination_id), event)


@graduates.get("/terminations/<termination_id>")
@page_access(GRADUATE)
def own_record(termination_id: str) -> ResponseReturnValue:
    """Where notices lead: the termination is told on the page of its agreement."""
    return redirect(_page_of(row_id(termination_id), current_actor()))


@units.get("/terminations/<termination_id>/certificate")
@page_access(EMPLOYER)
def unit_certificate(termination_id: str) -> ResponseReturnValue:
    """解约证明, to read or with ?download=1 to keep."""
    return paper_answer(engine.load(ONLINE_TERMINATION, row_id(termination_id), actor=current_actor()), CERTIFICATE)


@graduates.get("/terminations/<termination_id>/certificate")
@page_access(GRADUATE)
def own_certificate(termination_id: str) -> ResponseReturnValue:
    """The same for the graduate."""
    return paper_answer(engine.load(ONLINE_TERMINATION, row_id(termination_id), actor=current_actor()), CERTIFICATE)


@graduates.get("/signing/<signing_id>/terminate")
@page_access(GRADUATE)
def ask(signing_id: str) -> ResponseReturnValue:
    """申请解约: the reason, what counts, and what it leads to."""
    try:
        return _form(row_id(signing_id), {}, {})
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(url_for("graduate.signing", case_id=signing_id))


@graduates.post("/signing/<signing_id>/terminate")
@page_access(GRADUATE)
@flash_refusals(lambda signing_id: url_for("graduate.signing", case_id=signing_id))
def graduate_starts(signing_id: str) -> ResponseReturnValue:
    """Send the application to the unit."""
    typed = {name: request.form[name] for name in ("reason_code", "reason") if request.form.get(name)}
    try:
        body = {"signing_id": row_id(signing_id), **typed}
        begin_case(ONLINE_TERMINATION.name, body, actor=current_actor())
    except Invalid as error:
        return _form(row_id(signing_id), typed, error.errors), 422
    flash(_("Your application has been sent. The unit now has to answer."), "success")
    return redirect(f"{url_for('graduate.signing', case_id=signing_id)}#termination")


@graduates.post("/terminations/<termination_id>/<event>")
@page_access(GRADUATE)
@flash_refusals(lambda termination_id, event: url_for("own_termination.own_record", termination_id=termination_id))
def graduate_answers(termination_id: str, event: str) -> ResponseReturnValue:
    """同意解约, 拒绝解约 or 撤回."""
    return _answer(row_id(termination_id), event)


def _answer(number: int, event: str) -> ResponseReturnValue:
    if event not in _ANSWERS:
        raise NotFound()
    actor = current_actor()
    engine.fire(
        ONLINE_TERMINATION.name,
        number,
        event,
        actor=actor,
        data={"reason": request.form["reason"]} if request.form.get("reason") else {},
        version=seen_version(request.form.get("version")),
    )
    flash(_done(event), "success")
    return redirect(_page_of(number, actor))


def _done(event: str) -> str:
    return {
        "agree": _("You have agreed. The termination is now being reviewed; until it is approved the agreement holds."),
        "refuse": _("You have refused. The agreement stays in force; the other side has been told."),
        "withdraw": _("You have withdrawn the application. The agreement stays in force."),
    }[event]


def _page_of(number: int, actor: Actor) -> str:
    case = engine.load(ONLINE_TERMINATION, number, actor=actor)
    page = "employer.signing" if actor.kind == EMPLOYER else "graduate.signing"
    return f"{url_for(page, case_id=case.signing_id)}#termination"


def _form(number: int, typed: Mapping[str, str], errors: Mapping[str, Any]) -> str:
    actor = current_actor()
    signing = engine.load(ONLINE_SIGNING, number, actor=actor)
    shown = online_records.panel(signing, actor)
    if shown is None or not shown["starts"]:
        raise Conflict((shown or {}).get("refusal") or _("Only an agreement that is in force can be terminated."))
    return render_template(
        "termination/online_form.html",
        signing=signing,
        unit=online_records.unit_name(signing),
        reasons=reason_choices(),
        words=shown["allowance"],
        typed=typed,
        errors=texts_of(errors),
    )
