"""A forgotten password of employers and graduates: the user name, then the code with the new password."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import OPERATOR
from app.entrances.pages.steps import Way, given_answer, page
from app.entrances.services.recovery import KINDS, finish_recovery, send_way_to_password, start_recovery
from app.passcodes.models import RECOVERY
from app.web.current import current_actor
from app.web.gate import open_to_all
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access

blueprint = Blueprint("recovery", __name__)
open_to_all("recovery.ask", "recovery.send", "recovery.enter", "recovery.finish")
_WAY = Way("recovery", RECOVERY, "entrances/recover.html", "entrances/recover_code.html", tell_address=False)


@blueprint.get("/recover/<string:door>")
def ask(door: str) -> ResponseReturnValue:
    """Whose password it is."""
    return page(_WAY.first, door=_known(door))


@blueprint.post("/recover/<string:door>")
def send(door: str) -> ResponseReturnValue:
    """Send the code, if there is somebody to send it to."""
    name = request.form.get("username")
    return _WAY.begin(
        lambda: start_recovery(_known(door), name, ip=request.remote_addr, answer=given_answer()), door=_known(door)
    )


@blueprint.get("/recover/<string:door>/code")
def enter(door: str) -> ResponseReturnValue:
    """The code and the new password."""
    return _WAY.code_page(reader=_known(door), door=door)


@blueprint.post("/recover/<string:door>/code")
def finish(door: str) -> ResponseReturnValue:
    """Set the password; the owner logs in with it."""
    secret = request.form.get("password")
    _account, refused = _WAY.end(
        lambda number, code, how: finish_recovery(number, code, secret, **how), door=_known(door)
    )
    if refused is not None:
        return refused
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
