"""同事与权限: owners invite, change roles, hand over, remove; and the page on which a colleague joins (B13)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.access.unit_roles import PEOPLE, UNIT_ROLES, VIEWER
from app.base.errors import AppError, Conflict, Invalid, texts_of
from app.base.masks import mask_address
from app.employers.colleagues.services import invitations, people
from app.employers.models import ColleagueInvitation
from app.employers.units.services import users_of
from app.employers.words import ROLE_HINTS, ROLE_WORDS
from app.web.current import actor_or_none, current_actor, forget_actor
from app.web.gate import open_to_all
from app.web.numbers import row_id
from app.web.pages import ONWARDS, flash_refusals, page_access
from app.web.shell import contribute

blueprint = Blueprint("colleagues", __name__)
joining = Blueprint("joining", __name__)  # before one works for a unit
open_to_all("joining.ask", "joining.typed")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """Whether the reader may only look: pages then say so, and leave out what would act."""
    return {"looks_only": actor.unit_role == VIEWER} if actor.kind == EMPLOYER else {}


@blueprint.get("/employer/colleagues")
@page_access(EMPLOYER)
def show() -> str:
    """Who works for the unit and in which role; owners change it here."""
    return _page()


@blueprint.post("/employer/colleagues/invite")
@page_access(EMPLOYER)
def invite() -> ResponseReturnValue:
    """Send a colleague the link and the code."""
    sent = {name: request.form.get(name, "") for name in ("address", "role")}
    try:
        invitation, code = invitations.invite_colleague(sent, actor=current_actor())
    except (Invalid, Conflict) as error:
        errors = texts_of(error.errors) if isinstance(error, Invalid) else {"address": [error.message]}
        return _page(errors=errors, values=sent), error.status
    response = make_response(_page(made=invitation, code=code))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/employer/colleagues/invitations/<invitation_id>/withdraw")
@page_access(EMPLOYER)
def withdraw(invitation_id: str) -> ResponseReturnValue:
    """The code opens nothing any more."""
    invitations.withdraw_invitation(row_id(invitation_id), actor=current_actor())
    flash(_("The invitation has been withdrawn."), "success")
    return redirect(url_for("colleagues.show"))


@blueprint.post("/employer/colleagues/<account_id>/role")
@page_access(EMPLOYER)
@flash_refusals(lambda **_place: url_for("colleagues.show"))
def role(account_id: str) -> ResponseReturnValue:
    """Another role."""
    account = people.change_role(row_id(account_id), request.form.get("role"), actor=current_actor())
    flash(_("%(name)s: %(label)s", name=account.name, label=ROLE_WORDS[account.unit_role or VIEWER]), "success")
    return redirect(url_for("colleagues.show"))


@blueprint.post("/employer/colleagues/<account_id>/hand-over")
@page_access(EMPLOYER)
@flash_refusals(lambda **_place: url_for("colleagues.show"))
def hand_over(account_id: str) -> ResponseReturnValue:
    """A colleague becomes owner in the reader's place."""
    people.hand_over(row_id(account_id), actor=current_actor())
    flash(_("The colleague is owner now; you go on as HR."), "success")
    return redirect(url_for("colleagues.show"))


@blueprint.post("/employer/colleagues/<account_id>/remove")
@page_access(EMPLOYER)
def remove(account_id: str) -> ResponseReturnValue:
    """Put a colleague out."""
    people.remove_colleague(row_id(account_id), actor=current_actor())
    flash(_("The colleague has been removed and logged out."), "success")
    return redirect(url_for("colleagues.show"))


@blueprint.post("/employer/accounts/leave")
@page_access(EMPLOYER)
@flash_refusals(lambda **_place: url_for("colleagues.show"))
def leave() -> ResponseReturnValue:
    """The reader works for the unit no more, and is logged out."""
    people.leave_unit(actor=current_actor())
    forget_actor()
    flash(_("You have left the unit. Log in again to join another one."), "success")
    return redirect(url_for("EntranceView.start"))


def _page(
    errors: dict[str, list[str]] | None = None,
    values: dict[str, str] | None = None,
    made: ColleagueInvitation | None = None,
    code: str = "",
) -> str:
    actor = current_actor()
    unit_id = actor.employer_id or 0
    manages = actor.may("can_manage", PEOPLE)
    return render_template(
        "employers/colleagues.html",
        people=users_of(unit_id),
        invitations=invitations.open_invitations(unit_id) if manages else [],
        manages=manages,
        me=actor.user_id,
        roles=[(name, ROLE_WORDS[name], ROLE_HINTS[name]) for name in UNIT_ROLES],
        words=ROLE_WORDS,
        masked=mask_address,
        errors=errors or {},
        values=values or {},
        made=made,
        code=code,
        link=invitations.join_address(code) if code else "",
    )


@joining.get("/join")
@joining.get("/join/<string:code>")
def ask(code: str = "") -> ResponseReturnValue:
    """What the code invites to, for whoever has it; logged in, its person accepts here."""
    return _join_page(code)


@joining.post("/join")
def typed() -> ResponseReturnValue:
    """The code as it was typed."""
    return redirect(url_for("joining.ask", code=request.form.get("code", "").strip()[:64] or None))


@joining.post("/employer/accounts/join")
@page_access(EMPLOYER)
def join() -> ResponseReturnValue:
    """Accept the invitation."""
    code = request.form.get("code", "")
    try:
        unit = invitations.join_unit(code, actor=current_actor())
    except AppError as error:
        if error.status == 403:
            raise
        return _join_page(code, error)
    flash(_("You work for %(unit)s now.", unit=unit.name), "success")
    return redirect(url_for("employer.workbench"))


def _join_page(code: str, refused: AppError | None = None) -> Response:
    invitation = None
    if code and refused is None:
        try:
            invitation = invitations.invitation_behind(code, ip=request.remote_addr)
        except AppError as error:
            refused = error
    actor = actor_or_none()
    if invitation is not None and actor is None:
        session[ONWARDS] = url_for("joining.ask", code=code)
    response = make_response(
        render_template(
            "employers/join.html",
            code=code,
            invitation=invitation,
            unit=invitations.unit_of_invitation(invitation) if invitation else None,
            word=ROLE_WORDS[invitation.role] if invitation else "",
            hint=ROLE_HINTS[invitation.role] if invitation else "",
            actor=actor,
            refused=refused.message if refused else "",
        ),
        refused.status if refused else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
