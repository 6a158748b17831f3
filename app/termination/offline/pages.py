"""申请解约 on the phone, of an offline or supplementary signing: one page from the draft to the result (R7.7, R7.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.cases import progress
from app.cases.pages import photos
from app.cases.services import edit_case, is_editable
from app.signing.online.pages.agreements import paper_answer
from app.termination import guards
from app.termination.offline import records as offline_records
from app.termination.offline.models import LETTER, SIGNINGS, STATEMENT, OfflineTermination
from app.termination.offline.queries import applications_about, newest_application, signing_of
from app.termination.offline.services import go_on_with_termination
from app.termination.offline.workflow import OFFLINE_TERMINATION
from app.termination.snapshots import CERTIFICATE
from app.web import links
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, page_access
from app.workflow import engine
from app.workflow.stages import Stage

blueprint = Blueprint("offline_termination", __name__, url_prefix="/graduate/offline-terminations")


@blueprint.post("/start/<signing_workflow>/<signing_id>")
@page_access(GRADUATE)
def start(signing_workflow: str, signing_id: str) -> ResponseReturnValue:
    """Open the unfinished application about a signing, or begin a draft; nothing is handed in yet."""
    actor = current_actor()
    if signing_workflow not in SIGNINGS:
        raise NotFound()
    try:
        case = go_on_with_termination(signing_workflow, row_id(signing_id), actor=actor)
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(links.record_url(signing_workflow, row_id(signing_id), GRADUATE) or url_for("graduate.home"))
    return redirect(url_for("offline_termination.application", case_id=case.id))


@blueprint.get("/<case_id>")
@page_access(GRADUATE)
def application(case_id: str) -> str:
    """One application: the form while it is with the graduate, else what was handed in and how far it is."""
    return _page(engine.load(OFFLINE_TERMINATION, row_id(case_id), actor=current_actor()))


@blueprint.get("/<case_id>/certificate")
@page_access(GRADUATE)
def certificate(case_id: str) -> ResponseReturnValue:
    """解约证明, to read or with ?download=1 to keep."""
    return paper_answer(engine.load(OFFLINE_TERMINATION, row_id(case_id), actor=current_actor()), CERTIFICATE)


@blueprint.post("/<case_id>")
@page_access(GRADUATE)
def save(case_id: str) -> ResponseReturnValue:
    """Keep what was typed and chosen; with 提交 hand it in."""
    actor, number = current_actor(), row_id(case_id)
    hands_in = "submit" in request.form
    typed = {name: request.form.get(name, "") for name in ("reason_code", "reason")}
    try:
        edit_case("offline_termination", number, typed, actor=actor)
        photos.take_sent(OFFLINE_TERMINATION.name, number, actor=actor)
        if hands_in:
            engine.fire(OFFLINE_TERMINATION.name, number, "submit", actor=actor)
    except Invalid as error:
        return _refused(number, typed, error), 422
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(url_for("offline_termination.application", case_id=number))
    flash(_submitted() if hands_in else _("The draft has been saved. It has not been submitted yet."), "success")
    return redirect(url_for("offline_termination.application", case_id=number))


@blueprint.post("/<case_id>/withdraw")
@page_access(GRADUATE)
@flash_refusals(lambda case_id: url_for("offline_termination.application", case_id=case_id))
def withdraw(case_id: str) -> ResponseReturnValue:
    """撤回 before anybody has decided: it becomes a draft again."""
    engine.fire(
        OFFLINE_TERMINATION.name,
        row_id(case_id),
        "withdraw",
        actor=current_actor(),
        version=seen_version(request.form.get("version")),
    )
    flash(_("You have withdrawn the application. It is a draft again, which you can change and submit."), "success")
    return redirect(url_for("offline_termination.application", case_id=case_id))


def _refused(number: int, typed: Mapping[str, str], error: Invalid) -> str:
    case = engine.load(OFFLINE_TERMINATION, number, actor=current_actor())
    return _page(case, typed, texts_of(error.errors))


def _page(
    case: OfflineTermination, typed: Mapping[str, str] | None = None, errors: Mapping[str, Any] | None = None
) -> str:
    actor = current_actor()
    events = engine.available(case, actor)
    signing = signing_of(case, actor=actor)
    found = guards.allowance(case.graduate)
    editable = is_editable(case) and signing.stage == Stage.IN_FORCE
    return render_template(
        "termination/offline_application.html",
        case=case,
        signing=signing,
        signing_url=links.record_url(case.signing_workflow, case.signing_id, GRADUATE) or url_for("graduate.home"),
        in_force=signing.stage == Stage.IN_FORCE,
        label=OFFLINE_TERMINATION.label_of(case, actor),
        tone=progress.tone_for(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        timeline=progress.timeline(case, actor),
        events=events,
        editable=editable,
        may_submit="submit" in events,
        allowance=offline_records.allowance_words(found, case.submitted_at is not None),
        typed=typed or {"reason_code": case.reason_code or "", "reason": case.reason or ""},
        errors=errors or {},
        papers=[(kind, offline_records.FIELDS[kind]) for kind in (LETTER, STATEMENT)],
        hints=offline_records.hints(),
        files=photos.shown(case),
        photos_url=photos.address(case),
        records=offline_records,
    )


def _submitted() -> str:
    return _("The application has been submitted. Your school now reviews it; until then the agreement stays in force.")


def register(app: Flask) -> None:
    """Let the page of a signing show its terminations."""
    app.jinja_env.globals["offline_termination_of"] = _entry
    app.jinja_env.globals["offline_terminations_about"] = _handed_in


def _entry(signing: Any) -> dict[str, Any] | None:
    """For the page of a signing: its latest application, and whether another can be begun; None where neither is."""
    actor = current_actor()
    newest = newest_application(signing, actor)
    begins = signing.stage == Stage.IN_FORCE and (newest is None or OFFLINE_TERMINATION.state(newest.state).final)
    if newest is None and not begins:
        return None
    found = guards.allowance(signing.graduate)
    return {
        "newest": newest,
        "label": OFFLINE_TERMINATION.label_of(newest, actor) if newest else "",
        "tone": progress.tone_for(newest, actor) if newest else "",
        "unfinished": not begins,
        "begins": begins and found.left > 0 and actor.graduate_id == signing.graduate_id,
        "allowance": offline_records.allowance_words(found, counted=False),
    }


def _handed_in(signing: Any) -> list[dict[str, Any]]:
    """For the staff's page of a signing: the applications that were handed in, newest first."""
    actor = current_actor()
    return [
        {
            "label": OFFLINE_TERMINATION.label_of(case, actor),
            "tone": progress.tone_for(case, actor),
            "at": case.state_since,
            "url": links.record_url(case.workflow_name, case.id, actor.kind),
        }
        for case in applications_about(signing, actor)
        if case.submitted_at is not None
    ]
