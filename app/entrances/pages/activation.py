"""Activation of a graduate's account: who I am, then the code with the new user name and password (R1.2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.base.errors import NotFound
from app.entrances.pages.login import log_in, workplace
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
from app.entrances.services.activation import finish_activation, start_activation
from app.passcodes.models import ACTIVATION
from app.web.gate import open_to_all

blueprint = Blueprint("activation", __name__, url_prefix="/activate")
open_to_all("activation.ask", "activation.send", "activation.enter", "activation.finish")


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Name and ID number."""
    return page("entrances/activate.html")


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code to the roster's mobile number."""
    form = request.form
    row, error = attempt(
        lambda: start_activation(form.get("name"), form.get("id_number"), ip=request.remote_addr, answer=given_answer())
    )
    if error is not None:
        return page("entrances/activate.html", error)
    remember(row)
    return redirect(url_for("activation.enter"))


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code, and with which name and password to log in from now on."""
    row = waiting_code(ACTIVATION)
    if row is None:
        flash(_("This code can no longer be used. Please have a new one sent."), "warning")
        return redirect(url_for("activation.ask"))
    return page("entrances/activate_code.html", sent=sent_facts(row))


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Make the account and go on to the workplace."""
    form = request.form
    account, error = attempt(
        lambda: finish_activation(
            waiting_id(ACTIVATION),
            form.get("code", ""),
            form.get("username"),
            form.get("password"),
            ip=request.remote_addr or "unknown",
            answer=given_answer(),
        )
    )
    if error is not None:
        row = waiting_code(ACTIVATION)
        if row is None or isinstance(error, NotFound):
            return page("entrances/activate.html", error)
        return page("entrances/activate_code.html", error, sent=sent_facts(row))
    forget(ACTIVATION)
    log_in(account, "graduate")
    flash(_("Your account is activated. From now on log in with the user name or your ID number."), "success")
    return redirect(workplace(account.kind))
