"""A forgotten password of employers and graduates: the user name, then the code with the new password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import OPERATOR
from app.entrances.pages.steps import (
    attempt,
    forget,
    given_answer,
    page,
    remember,
    sent_facts,
    waiting_code,
    waiting_id,
)
from app.entrances.services.recovery import KINDS, finish_recovery, send_way_to_password, start_recovery
from app.passcodes.models import RECOVERY
from app.web.current import current_actor
from app.web.gate import open_to_all
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access

blueprint = Blueprint("recovery", __name__)
open_to_all("recovery.ask", "recovery.send", "recovery.enter", "recovery.finish")


@blueprint.get("/recover/<string:door>")
def ask(door: str) -> ResponseReturnValue:
    """Whose password it is."""
    return page("entrances/recover.html", door=_known(door))


@blueprint.post("/recover/<string:door>")
def send(door: str) -> ResponseReturnValue:
    """Send the code, if there is somebody to send it to."""
    _known(door)
    row, error = attempt(
        lambda: start_recovery(door, request.form.get("username"), ip=request.remote_addr, answer=given_answer())
    )
    if error is not None:
        return page("entrances/recover.html", error, door=door)
    remember(row)
    return redirect(url_for("recovery.enter", door=door))


@blueprint.get("/recover/<string:door>/code")
def enter(door: str) -> ResponseReturnValue:
    """The code and the new password."""
    row = waiting_code(RECOVERY)
    if row is None or row.reader != _known(door):
        flash(_("This code can no longer be used. Please have a new one sent."), "warning")
        return redirect(url_for("recovery.ask", door=door))
    return page("entrances/recover_code.html", door=door, sent=sent_facts(row, tell_address=False))


@blueprint.post("/recover/<string:door>/code")
def finish(door: str) -> ResponseReturnValue:
    """Set the password; the owner logs in with it."""
    _known(door)
    form = request.form
    _account, error = attempt(
        lambda: finish_recovery(
            waiting_id(RECOVERY),
            form.get("code", ""),
            form.get("password"),
            ip=request.remote_addr or "unknown",
            answer=given_answer(),
        )
    )
    if error is not None:
        row = waiting_code(RECOVERY)
        if row is None:
            return page("entrances/recover.html", error, door=door)
        return page("entrances/recover_code.html", error, door=door, sent=sent_facts(row, tell_address=False))
    forget(RECOVERY)
    flash(_("The new password is set. Please log in with it; all other devices are logged out."), "success")
    return redirect(url_for("EntranceView.enter", door=door))


@blueprint.post("/staff/accounts/<int:account_id>/password-way")
@page_access(OPERATOR)
@flash_refusals(lambda account_id: url_for("AccountAdmin.show", pk=account_id))
def send_way(account_id: int) -> ResponseReturnValue:
    """Show a person how to set their own password, in place of setting it for them."""
    sent_to = send_way_to_password(row_id(account_id), actor=current_actor())
    flash(_("The way to a new password has been sent to %(sent_to)s.", sent_to=sent_to), "success")
    return redirect(url_for("AccountAdmin.show", pk=account_id))


def _known(door: str) -> str:
    if door not in KINDS:
        abort(404)
    return door
