"""A signing on paper as its graduate sees it: record, events, the ways to give the stamped copy back (R7.6, R7.8)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import NotFound
from app.cases import attachments, progress
from app.cases.pages import photos
from app.cases.services import is_editable
from app.documents.queries import document_of, why_no_document
from app.flags.queries import warning_for
from app.signing.paper.attachments import wants_copy
from app.signing.paper.models import PaperMixin
from app.signing.paper.pages import application
from app.signing.paper.services.upload_links import DAYS, create_upload_link, last_link, open_link, revoke_upload_link
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, page_access
from app.workflow import engine, registry

blueprint = Blueprint("paper", __name__, url_prefix="/graduate")
WORKFLOWS = ("offline_signing", "supplementary")
# Shown once where nothing is really sent (the trial), so that whoever tries the platform can play the unit.
_FRESH_LINK = "upload_link"
_FIRED = ("submit", "withdraw", "upload")


def table_of(workflow: str) -> Any:
    """The table of a signing on paper; raises NotFound for every other name."""
    if workflow not in WORKFLOWS:
        raise NotFound()
    return registry.get(workflow)


def record_url(workflow: str, case_id: Any) -> str:
    """The record's page."""
    return url_for(f"paper.{workflow}", case_id=case_id)


@blueprint.get("/offline/<case_id>")
@page_access(GRADUATE)
def offline_signing(case_id: str) -> str:
    """W2: how far the application is, the agreement to print, and how its stamped copy comes back."""
    actor = current_actor()
    case = engine.load(table_of("offline_signing"), row_id(case_id), actor=actor)
    wanted = wants_copy(case)
    return _record(
        case,
        actor,
        wants_copy=wanted,
        link=open_link(case) if wanted else None,
        last_link=last_link(case) if case.number else None,
        days=DAYS,
        fresh=session.pop(_FRESH_LINK, None) if wanted else None,
        printed=document_of(case.workflow_name, case.id, "offline_agreement") if case.number else None,
        unprinted=why_no_document(case.workflow_name, case.id) if case.number else None,
    )


@blueprint.get("/registered/<case_id>")
@page_access(GRADUATE)
def supplementary(case_id: str) -> str:
    """W3: how far the registration is."""
    actor = current_actor()
    return _record(engine.load(table_of("supplementary"), row_id(case_id), actor=actor), actor)


@blueprint.post("/paper/<workflow>/<case_id>/fire/<event>")
@page_access(GRADUATE)
@flash_refusals(lambda workflow, case_id, event: record_url(workflow, case_id))
def fire(workflow: str, case_id: str, event: str) -> ResponseReturnValue:
    """提交审核, 撤回 or 提交回传的协议书."""
    table_of(workflow)
    if event not in _FIRED:
        raise NotFound()
    reason = request.form.get("reason", "").strip()
    case = engine.fire(
        workflow,
        row_id(case_id),
        event,
        actor=current_actor(),
        data={"reason": reason} if reason and event == "withdraw" else {},
        version=seen_version(request.form.get("version")),
    )
    flash(_done(case, event), "success")
    return redirect(record_url(workflow, case.id))


@blueprint.post("/offline/<case_id>/link")
@page_access(GRADUATE)
@flash_refusals(lambda case_id: url_for("paper.offline_signing", case_id=case_id, _anchor="give-back"))
def send_link(case_id: str) -> ResponseReturnValue:
    """用人单位协助回传协议书: send the unit a link by SMS or mail; a new one ends the old one."""
    body = {name: request.form[name].strip() for name in ("phone", "email") if request.form.get(name, "").strip()}
    link, url = create_upload_link(row_id(case_id), body, actor=current_actor())
    if url:
        session[_FRESH_LINK] = url
    flash(_("The link has been sent to %(address)s.", address=link.sent_to), "success")
    return redirect(url_for("paper.offline_signing", case_id=case_id, _anchor="give-back"))


@blueprint.post("/offline/<case_id>/link/revoke")
@page_access(GRADUATE)
@flash_refusals(lambda case_id: url_for("paper.offline_signing", case_id=case_id, _anchor="give-back"))
def revoke_link(case_id: str) -> ResponseReturnValue:
    """The open link ends at once."""
    revoke_upload_link(row_id(case_id), actor=current_actor())
    flash(_("The link has been revoked: it opens nothing any more."), "success")
    return redirect(url_for("paper.offline_signing", case_id=case_id, _anchor="give-back"))


def _record(case: Any, actor: Actor, **more: Any) -> str:
    reason, fields = application.opinions_of(case)
    labels = application.labels()
    label = table_of(case.workflow_name).label_of(case, actor)
    timeline = progress.timeline(case, actor)
    return render_template(
        "signing/paper_record.html",
        case=case,
        label=label,
        tone=progress.tone_for(case, actor),
        events=engine.available(case, actor),
        timeline=timeline,
        waiting=progress.waiting_sentence(case, actor),
        editable=is_editable(case),
        edit_url=edit_url(case),
        opinion=reason,
        opinions=[(labels.get(path, path), text) for path, text in fields.items()],
        blocked=application.why_not(case, "submit" if not case.number else "upload", actor),
        application=application,
        kinds={kind.name: kind for kind in attachments.kinds_of(case)},
        files=photos.shown(case),
        photos_url=photos.address(case),
        warning=warning_for(case.unit_uscc, actor, case.school_id),
        **more,
    )


def edit_url(case: PaperMixin) -> str:
    """Where editing goes on: at the first field that the reviewer has words for, else where something is missing."""
    _reason, opinions = application.opinions_of(case)
    wrong = [*opinions, *application.missing_of(case)]
    step = application.step_of(wrong[0]) if wrong else "check"
    anchor = f"f-{wrong[0]}" if wrong else None
    return url_for("paper.edit", workflow=case.workflow_name, case_id=case.id, step=step, _anchor=anchor)


def _done(case: PaperMixin, event: str) -> str:
    if event == "withdraw":
        return (
            _("Withdrawn. You can edit it and submit it again.")
            if not case.number
            else _("Withdrawn. You can change the stamped copy and hand it in again.")
        )
    if event == "upload":
        return _("The stamped copy has been handed in and is now being reviewed.")
    return _("Submitted. You are told as soon as it has been reviewed.")
