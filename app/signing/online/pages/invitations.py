"""发起签约邀请 in three steps: whom, what, look and send; each with what was typed before (R6.4)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.access import looks
from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid, TooLarge, UnsupportedMedia
from app.codes.forms import read
from app.employers.favorites.services import favorites_visible_to
from app.employers.guards import inviting_employer, verified_employer
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.signing.online import records
from app.signing.online.forms import InvitationForm
from app.signing.online.jobs import MOST_IN_JOB, needs_job, start_invitations
from app.signing.online.models import OnlineSigning
from app.signing.online.pages import letter_fields
from app.signing.online.pages.forms import filled, offers, save_templates, template_choices
from app.signing.online.queries import usual_contact
from app.signing.online.services.invitations import (
    Tried,
    invite_graduates,
    letter_data,
    own_terms,
    try_invitations,
)
from app.signing.online.services.letter_templates import FORMS
from app.signing.online.sheets import read_terms, terms_template
from app.signing.online.workflow import ONLINE_SIGNING
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.sheets import MIMETYPE
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
def write() -> ResponseReturnValue:
    """Step 1, whom: who can be invited and who cannot, and why; with one who can, the letter at once."""
    actor = current_actor()
    try:
        inviting_employer(actor)
    except Conflict as refusal:
        if refusal.code != "lapsed":
            raise
        flash(refusal.message, "danger")
        return redirect(url_for("renewal.show"))
    everybody, again = bool(request.args.get("all")), request.args.get("again")
    letter = _first_letter(again, actor)
    graduates = _everybody(actor) if everybody else _chosen(actor, request.args.getlist("graduate"))
    if not graduates:
        return _form([], letter)
    tried = _tried(graduates, actor)
    if len(graduates) == 1 and tried.possible:
        return _form(tried.possible, letter)
    return _whom(graduates, tried, again=again)


@blueprint.post("/letter")
@page_access(EMPLOYER)
def begin() -> ResponseReturnValue:
    """Step 2, what: the letter to all who can be invited, and what a sheet says otherwise for some of them."""
    actor = current_actor()
    verified_employer(actor)
    graduates, again = _chosen(actor, request.form.getlist("graduate")), request.form.get("again")
    tried = _tried(graduates, actor) if graduates else Tried([], [])
    if not tried.possible:
        return _whom(graduates, tried, again=again), 409
    file, each = request.files.get("sheet"), []
    try:
        if file is not None and file.filename:
            each = read_terms(file.read(), tried.possible)
    except (Invalid, TooLarge, UnsupportedMedia) as error:
        lines = error.errors["file"] if isinstance(error, Invalid) else [error.message]
        return _whom(graduates, tried, again=again, errors={"sheet": lines}), error.status
    return _form(tried.possible, _first_letter(again, actor), each=each)


@blueprint.post("/sheet")
@page_access(EMPLOYER)
def sheet() -> Response:
    """The sheet for pay and post of each who was chosen."""
    actor = current_actor()
    verified_employer(actor)
    graduates = _chosen(actor, request.form.getlist("graduate"))
    looks.note_list(looks.READ_LIST, Graduate)
    file, name = io.BytesIO(terms_template(graduates)), _("Pay and post of each") + ".xlsx"
    return send_file(file, mimetype=MIMETYPE, as_attachment=True, download_name=name)


@blueprint.get("/letter")
@blueprint.get("/preview")
@blueprint.get("")
@page_access(EMPLOYER)
def left() -> ResponseReturnValue:
    """Who comes back to a step by its address begins with whom; what was typed is still there then."""
    return redirect(url_for("favorites.show", cohort=chosen_cohort()))


@blueprint.post("/preview")
@page_access(EMPLOYER)
def preview() -> ResponseReturnValue:
    """Step 3, look and send: the letter as the graduate will see it; with mistakes, step 2 again with them."""
    actor = current_actor()
    verified_employer(actor)
    letter = letter_fields.letter_of(request.form)
    each = letter_fields.each_of(request.form)
    if request.headers.get("HX-Request"):
        return render_template("signing/_letter.html", letter=letter_fields.as_read(letter), records=records)
    graduates = _chosen(actor, request.form.getlist("graduate"))
    if request.form.get("edit"):
        return _form(graduates, letter, each=each)
    if request.form.get("fill"):
        return _form(graduates, filled(letter, request.form["fill"], actor), each=each)
    try:
        typed = read(InvitationForm, letter)
        own = own_terms(each)
        if not graduates:
            raise Invalid({"graduate_ids": [_("Please choose at least one graduate.")]})
    except Invalid as error:
        return _form(graduates, letter, error.errors, each=each), 422
    clean = letter_data(typed)
    return render_template(
        "signing/invitation_preview.html",
        letter=clean,
        fields=letter_fields.flat(clean),
        each=each,
        own={one: letter_data({**typed, "position": typed["position"] | terms}) for one, terms in own.items()},
        graduates=graduates,
        records=records,
        unit=verified_employer(actor),
        offers=offers(clean, actor),
        steps=_steps(),
        draft=_draft(graduates),
    )


@blueprint.post("")
@page_access(EMPLOYER)
def send() -> ResponseReturnValue:
    """Send the letter and tell what became of it for each graduate."""
    actor = current_actor()
    letter, each = letter_fields.letter_of(request.form), letter_fields.each_of(request.form)
    ids = [row_id(one) for one in request.form.getlist("graduate")]
    graduates = _chosen(actor, request.form.getlist("graduate"))
    try:
        if needs_job(ids):
            save_templates(letter, actor)
            job = start_invitations(ids, letter, actor=actor, each=each)
            return redirect(url_for("jobs.show", job_id=job.id))
        outcome = invite_graduates(ids, letter, actor=actor, each=each)
    except Invalid as error:
        return _form(graduates, letter, error.errors, each=each), 422
    except AppError as error:
        flash(error.message, "danger")
        return _form(graduates, letter, each=each), error.status
    if outcome.created:
        save_templates(letter, actor)
    if not outcome.refused:
        flash(_("%(count)s invitations have been sent.", count=len(outcome.created)), "success")
        return redirect(url_for("employer.signings", tab="signing"))
    names = {graduate.id: graduate.name for graduate in graduates}
    status = 200 if outcome.created else 409
    return render_template("signing/invitation_outcome.html", outcome=outcome, names=names), status


def _tried(graduates: list[Graduate], actor: Actor) -> Tried:
    return try_invitations([graduate.id for graduate in graduates], actor=actor, most=MOST_IN_JOB)


def _first_letter(again: str | None, actor: Actor) -> dict[str, Any]:
    return (
        letter_fields.letter_again(_earlier(actor, again))
        if again
        else letter_fields.empty_letter(usual_contact(actor))
    )


def _steps() -> list[tuple[str, Any, None]]:
    return [("whom", _("Whom"), None), ("what", _("What is offered"), None), ("send", _("Look and send"), None)]


def _draft(graduates: Sequence[Graduate]) -> str:
    """Under which name the browser keeps what is typed: a letter to others is another one."""
    return f"invitation-{len(graduates)}-{min((graduate.id for graduate in graduates), default=0)}"


def _whom(
    graduates: Sequence[Graduate], tried: Tried, *, again: str | None = None, errors: dict[str, list[Any]] | None = None
) -> str:
    return render_template(
        "signing/invitation_whom.html",
        tried=tried,
        names={graduate.id: graduate for graduate in graduates},
        again=again,
        errors=errors or {},
        steps=_steps(),
    )


def _form(
    graduates: Sequence[Graduate],
    letter: dict[str, Any],
    errors: dict[str, list[Any]] | None = None,
    each: Sequence[dict[str, Any]] = (),
) -> str:
    first, last = letter_fields.validity_bounds()
    values = letter_fields.flat(letter)
    return render_template(
        "signing/invitation_form.html",
        graduates=graduates,
        values=values,
        letter=letter_fields.as_read(letter),
        each=each,
        errors=errors or {},
        steps=_steps(),
        draft=_draft(graduates),
        labels=letter_fields.labels(),
        options=letter_fields.options(),
        templates=template_choices(current_actor()),
        chosen={kind: request.form.get(f"template.{kind}", "") for kind in FORMS},
        first_day=first,
        last_day=last,
        records=records,
    )


def _chosen(actor: Actor, ids: list[str]) -> list[Graduate]:
    wanted = [row_id(one) for one in dict.fromkeys(ids)][:MOST_IN_JOB]
    query = favorites_visible_to(actor).where(Favorite.graduate_id.in_(wanted))
    return [favorite.graduate for favorite in session.scalars(query)]


def _everybody(actor: Actor) -> list[Graduate]:
    """All favorites of the chosen cohort that can be invited now."""
    live = select(OnlineSigning.graduate_id).where(
        OnlineSigning.employer_id == actor.employer_id, OnlineSigning.stage.in_(LIVE)
    )
    query = favorites_visible_to(actor, chosen_cohort()).where(Favorite.graduate_id.not_in(live)).limit(MOST_IN_JOB)
    return [favorite.graduate for favorite in session.scalars(query)]


def _earlier(actor: Actor, case_id: str) -> OnlineSigning:
    return engine.load(ONLINE_SIGNING, row_id(case_id), actor=actor)
