"""发起签约邀请: the letter in three short steps with a live preview, then the letter itself to be sent (R6.4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import AppError, Invalid
from app.codes.forms import read
from app.employers.favorites.services import favorites_visible_to
from app.employers.guards import verified_employer
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.signing.online import records
from app.signing.online.forms import InvitationForm
from app.signing.online.jobs import MOST_IN_JOB, needs_job, start_invitations
from app.signing.online.models import OnlineSigning
from app.signing.online.pages import letter_fields
from app.signing.online.services.invitations import invite_graduates
from app.signing.online.services.letter_templates import (
    FORMS,
    create_template,
    is_kept,
    template_for,
    templates_visible_to,
)
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access, refusal_text
from app.web.shell import chosen_cohort
from app.workflow import engine
from app.workflow.stages import LIVE

blueprint = Blueprint("invitations", __name__, url_prefix="/employer/invitations")


@blueprint.after_request
def keep_for_the_back_button(response: Response) -> Response:
    """Going back from the preview finds the letter as it was typed, not an empty one."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.get("/new")
@page_access(EMPLOYER)
def write() -> str:
    """The empty letter, or the letter of an earlier invitation to be sent again."""
    actor = current_actor()
    verified_employer(actor)
    letter = letter_fields.empty_letter()
    if request.args.get("again"):
        letter = letter_fields.letter_again(_earlier(actor, request.args["again"]))
    if request.args.get("all"):
        return _form(_everybody(actor), letter)
    return _form(_chosen(actor, request.args.getlist("graduate")), letter)


@blueprint.post("/preview")
@page_access(EMPLOYER)
def preview() -> ResponseReturnValue:
    """The letter as the graduate will see it; with its mistakes at the fields when there are any."""
    actor = current_actor()
    verified_employer(actor)
    letter = letter_fields.letter_of(request.form)
    if request.headers.get("HX-Request"):
        return render_template("signing/_letter_live.html", letter=letter, records=records)
    graduates = _chosen(actor, request.form.getlist("graduate"))
    if request.form.get("edit"):
        return _form(graduates, letter)
    if request.form.get("fill"):
        return _form(graduates, _filled(letter, request.form["fill"], actor))
    try:
        clean = read(InvitationForm, letter)
        if not graduates:
            raise Invalid({"graduate_ids": [_("Please choose at least one graduate.")]})
    except Invalid as error:
        return _form(graduates, letter, error.errors), 422
    clean["valid_until"] = clean["valid_until"].isoformat()
    clean["position"]["report_by"] = clean["position"]["report_by"].isoformat()
    return render_template(
        "signing/invitation_preview.html",
        letter=clean,
        fields=letter_fields.flat(clean),
        graduates=graduates,
        records=records,
        unit=verified_employer(actor),
        offers=_offers(clean, actor),
    )


@blueprint.post("")
@page_access(EMPLOYER)
def send() -> ResponseReturnValue:
    """Send the letter and tell what became of it for each graduate."""
    actor = current_actor()
    letter = letter_fields.letter_of(request.form)
    ids = [row_id(one) for one in request.form.getlist("graduate")]
    graduates = _chosen(actor, request.form.getlist("graduate"))
    try:
        if needs_job(ids):
            _save_templates(letter, actor)
            job = start_invitations(ids, letter, actor=actor)
            return redirect(url_for("jobs.show", job_id=job.id))
        outcome = invite_graduates(ids, letter, actor=actor)
    except Invalid as error:
        return _form(graduates, letter, error.errors), 422
    except AppError as error:
        flash(error.message, "danger")
        return _form(graduates, letter), error.status
    if outcome.created:
        _save_templates(letter, actor)
    if not outcome.refused:
        flash(_("%(count)s invitations have been sent.", count=len(outcome.created)), "success")
        return redirect(url_for("employer.signings", tab="signing"))
    names = {graduate.id: graduate.name for graduate in graduates}
    status = 200 if outcome.created else 409
    return render_template("signing/invitation_outcome.html", outcome=outcome, names=names), status


def _form(graduates: list[Graduate], letter: dict[str, Any], errors: dict[str, list[Any]] | None = None) -> str:
    first, last = letter_fields.validity_bounds()
    values = letter_fields.flat(letter)
    return render_template(
        "signing/invitation_form.html",
        graduates=graduates,
        values=values,
        letter=letter,
        errors=errors or {},
        labels=letter_fields.labels(),
        options=letter_fields.options(),
        templates=_template_choices(),
        first_day=first,
        last_day=last,
        records=records,
    )


def _chosen(actor: Actor, ids: list[str]) -> list[Graduate]:
    wanted = [row_id(one) for one in dict.fromkeys(ids)][:MOST_IN_JOB]
    query = favorites_visible_to(actor).where(Favorite.graduate_id.in_(wanted))
    return [favorite.graduate for favorite in session.scalars(query)]


def _template_choices() -> dict[str, list[tuple[str, str]]]:
    """The unit's templates by the part of the letter that they fill in (R6.5)."""
    actor = current_actor()
    found = {kind: list(session.scalars(templates_visible_to(actor, kind))) for kind in FORMS}
    return {kind: [(str(template.id), template.name) for template in rows] for kind, rows in found.items()}


def _filled(letter: dict[str, Any], kind: str, actor: Actor) -> dict[str, Any]:
    """The letter with one part from the chosen template; what the template leaves open stays as it was."""
    chosen = request.form.get(f"template.{kind}", "")
    if not chosen:
        flash(_("Please choose a template by its name first."), "info")
        return letter
    template = template_for(kind, row_id(chosen), actor=actor)
    flash(_("Filled in from the template “%(name)s”.", name=template.name), "success")
    return {
        **letter,
        kind: {**letter[kind], **{name: value for name, value in template.data.items() if value is not None}},
    }


def _offers(letter: dict[str, Any], actor: Actor) -> dict[str, str]:
    """Parts that no template holds yet, each with a name to save it under: 首次填写可保存为模板."""
    parts = {"position": letter["position"]["title"]}
    if letter["archive"].get("accept"):
        parts["archive"] = letter["archive"]["receiver"]
    if letter["hukou"].get("accept"):
        parts["hukou"] = letter["hukou"]["address"]
    return {kind: name[:64] for kind, name in parts.items() if not is_kept(kind, letter[kind], actor=actor)}


def _save_templates(letter: dict[str, Any], actor: Actor) -> None:
    """Keep the parts that were ticked; a name that is taken is told and hinders no invitation."""
    for kind in FORMS:
        if request.form.get(f"save.{kind}") != "1":
            continue
        try:
            create_template(kind, {**letter[kind], "name": request.form.get(f"save_name.{kind}", "")}, actor=actor)
        except AppError as error:
            flash(_("The template was not saved: %(why)s", why=refusal_text(error)), "warning")
        else:
            flash(_("The template has been saved."), "success")


def _everybody(actor: Actor) -> list[Graduate]:
    """All favorites of the chosen cohort that can be invited now."""
    live = select(OnlineSigning.graduate_id).where(
        OnlineSigning.employer_id == actor.employer_id, OnlineSigning.stage.in_(LIVE)
    )
    query = favorites_visible_to(actor, chosen_cohort()).where(Favorite.graduate_id.not_in(live)).limit(MOST_IN_JOB)
    return [favorite.graduate for favorite in session.scalars(query)]


def _earlier(actor: Actor, case_id: str) -> OnlineSigning:
    return engine.load(ONLINE_SIGNING, row_id(case_id), actor=actor)
