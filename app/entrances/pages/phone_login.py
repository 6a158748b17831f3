"""Log-in by a code to the graduate's own phone: whose it is, then the code."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.entrances.pages.login import destination, log_in
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
from app.entrances.services.phone_login import finish_phone_login, start_phone_login
from app.passcodes.models import LOGIN
from app.web.gate import open_to_all
from app.web.pages import own_path

blueprint = Blueprint("phone_login", __name__, url_prefix="/phone-login")
open_to_all("phone_login.ask", "phone_login.send", "phone_login.enter", "phone_login.finish")
_DOOR = "graduate"


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Whose account it is."""
    return page("entrances/phone_login.html", next=own_path(request.args.get("next")))


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code, if there is somebody to send it to."""
    form, wanted = request.form, own_path(request.form.get("next"))
    row, error = attempt(lambda: start_phone_login(form.get("username"), ip=request.remote_addr, answer=given_answer()))
    if error is not None:
        return page("entrances/phone_login.html", error, next=wanted)
    remember(row)
    return redirect(url_for("phone_login.enter", next=wanted))


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code."""
    row, wanted = waiting_code(LOGIN), own_path(request.args.get("next"))
    if row is None:
        flash(_("This code can no longer be used. Please have a new one sent."), "warning")
        return redirect(url_for("phone_login.ask", next=wanted))
    return page("entrances/phone_login_code.html", sent=sent_facts(row, tell_address=False), next=wanted)


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Let the graduate in."""
    form, wanted = request.form, own_path(request.form.get("next"))
    account, error = attempt(
        lambda: finish_phone_login(
            waiting_id(LOGIN), form.get("code", ""), ip=request.remote_addr or "unknown", answer=given_answer()
        )
    )
    if error is not None:
        row = waiting_code(LOGIN)
        if row is None:
            return page("entrances/phone_login.html", error, next=wanted)
        return page("entrances/phone_login_code.html", error, sent=sent_facts(row, tell_address=False), next=wanted)
    forget(LOGIN)
    log_in(account, _DOOR, stay="stay" in form)
    return redirect(destination(account, wanted))
