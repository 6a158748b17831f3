"""Activation of a graduate's account: who I am, then the code with the new user name and password (R1.2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.entrances.pages.login import log_in, workplace
from app.entrances.pages.steps import Way, given_answer, page
from app.entrances.services.activation import finish_activation, start_activation
from app.passcodes.models import ACTIVATION
from app.web.gate import open_to_all

blueprint = Blueprint("activation", __name__, url_prefix="/activate")
open_to_all("activation.ask", "activation.send", "activation.enter", "activation.finish")
_WAY = Way("activation", ACTIVATION, "entrances/activate.html", "entrances/activate_code.html")


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Name and ID number."""
    return page(_WAY.first)


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code to the roster's mobile number."""
    form = request.form
    return _WAY.begin(
        lambda: start_activation(form.get("name"), form.get("id_number"), ip=request.remote_addr, answer=given_answer())
    )


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code, and with which name and password to log in from now on."""
    return _WAY.code_page()


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Make the account and go on to the workplace."""
    form = request.form
    account, refused = _WAY.end(
        lambda number, code, how: finish_activation(number, code, form.get("username"), form.get("password"), **how)
    )
    if refused is not None:
        return refused
    log_in(account, "graduate")
    flash(_("Your account is activated. From now on log in with the user name or your ID number."), "success")
    return redirect(workplace(account.kind))
