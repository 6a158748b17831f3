"""The graduate's workplace on the phone: where I stand, invitations, answers (R1.9, R7.1, R7.3, R7.13)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import NotFound
from app.cases import progress
from app.cases.records import paper_of
from app.codes import queries as codes
from app.codes.fields import OWN
from app.flags.queries import warning_for
from app.roster.records import fact_rows
from app.roster.services.graduates import confirm_basic_information, own_graduate, report_wrong_information
from app.signing import ends
from app.signing.online import records
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import read_signing
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import flash_refusals, page_access
from app.web.shell import contribute
from app.workflow import engine
from app.workflow.stages import Stage

blueprint = Blueprint("graduate", __name__, url_prefix="/graduate")
_BEFORE_CONFIRMING = (
    *("graduate.confirm", "graduate.answer_confirm"),
    *("corrections.check", "corrections.send", "corrections.record"),
    *("graduate.send_code_for", "graduate.check_code_for", "graduate.code_state"),
)
_ANSWERS = ("accept", "decline", "abort")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The places of the bottom bar."""
    if actor.kind != GRADUATE:
        return {}
    places = {"home": "graduate.home", "signing": "graduate.signings", "me": "graduate.me"}
    return {
        "account": {"role": _("Graduate")},
        "urls": {name: url_for(endpoint) for name, endpoint in places.items()},
    }


@blueprint.before_app_request
def confirm_first() -> ResponseReturnValue | None:
    """Until the basic information is confirmed graduates have only one page, also of other rooms (R1.9)."""
    if not request.path.startswith(f"{blueprint.url_prefix}/"):
        return None
    actor = current_actor()
    if actor.kind != GRADUATE or request.endpoint in _BEFORE_CONFIRMING:
        return None
    graduate = g.own_graduate = own_graduate(actor)  # held: the page asks for the same row and finds it read
    return redirect(url_for("graduate.confirm")) if graduate.confirmed_at is None else None


@blueprint.get("/confirm")
@page_access(GRADUATE)
def confirm() -> ResponseReturnValue:
    """The basic information to be confirmed at first log-in."""
    graduate = own_graduate(current_actor())
    if graduate.confirmed_at is not None:
        return redirect(url_for("graduate.home"))
    return render_template("portal/graduate/confirm.html", graduate=graduate, rows=fact_rows(graduate, OWN))


@blueprint.post("/confirm")
@page_access(GRADUATE)
@flash_refusals(lambda: url_for("graduate.confirm"))
def answer_confirm() -> ResponseReturnValue:
    """信息确认无误，进入系统, or: something is wrong."""
    if request.form.get("wrong"):
        report_wrong_information(actor=current_actor())
        return redirect(url_for("graduate.confirm"))
    confirm_basic_information(actor=current_actor())
    return redirect(url_for("graduate.home"))


@blueprint.get("/signing/<case_id>")
@page_access(GRADUATE)
def signing(case_id: str) -> str:
    """One invitation or signing: the unit, the terms that matter, the rest folded, the answer at the thumb."""
    actor = current_actor()
    case = read_signing(row_id(case_id), actor=actor)
    return render_template(
        "portal/graduate/signing.html",
        **item(case, actor),
        records=records,
        paper=paper_of(case),
        timeline=progress.timeline(case, actor),
        waiting=progress.waiting_sentence(case, actor),
        termination=ends.panel(case, actor),
        bound_elsewhere=case.stage == Stage.OFFERED and _is_bound_elsewhere(case),
        warning=warning_for(case.employer.uscc, actor, case.school_id),
    )


@blueprint.post("/signing/<case_id>/<event>")
@page_access(GRADUATE)
@flash_refusals(lambda case_id, event: url_for("graduate.signing", case_id=case_id))
def answer(case_id: str, event: str) -> ResponseReturnValue:
    """接受, 拒绝 or 中止签约."""
    if event not in _ANSWERS:
        raise NotFound()
    data = {"reason": request.form["reason"]} if request.form.get("reason") else {}
    engine.fire(
        "online_signing",
        row_id(case_id),
        event,
        actor=current_actor(),
        data=data,
        version=seen_version(request.form.get("version")),
    )
    flash(_done(event), "success")
    return redirect(url_for("graduate.signing", case_id=case_id))


@blueprint.get("/me")
@page_access(GRADUATE)
def me() -> str:
    """My basic information as the roster has it."""
    graduate = own_graduate(current_actor())
    return render_template("portal/graduate/me.html", graduate=graduate, rows=fact_rows(graduate, OWN))


def item(case: OnlineSigning, actor: Actor) -> dict[str, Any]:
    """An online signing as lists and its own page show it."""
    return {
        "case": case,
        "label": ONLINE_SIGNING.label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "events": engine.available(case, actor),
        "unit": records.employer_facts(case),
        "pay": records.yuan(case.data["position"]["salary_month"]),
        "place": codes.region_label(case.data["position"]["region"]),
    }


def _is_bound_elsewhere(case: OnlineSigning) -> bool:
    claim = case.graduate.claim
    return claim is not None and (claim.workflow, claim.case_id) != (case.workflow_name, case.id)


def _done(event: str) -> str:
    return {
        "accept": _("You have accepted. The agreement is now being reviewed."),
        "decline": _("You have declined the invitation. The unit has been told."),
        "abort": _("You have aborted the signing. The unit has been told, and you are free again."),
    }[event]
