"""Log-in by a code to the graduate's own phone: whose it is, then the code."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.entrances.pages.login import destination, log_in
from app.entrances.pages.steps import Way, given_answer, page
from app.entrances.services.phone_login import finish_phone_login, start_phone_login
from app.passcodes.models import LOGIN
from app.web.gate import open_to_all
from app.web.pages import own_path

blueprint = Blueprint("phone_login", __name__, url_prefix="/phone-login")
open_to_all("phone_login.ask", "phone_login.send", "phone_login.enter", "phone_login.finish")
_DOOR = "graduate"
_WAY = Way("phone_login", LOGIN, "entrances/phone_login.html", "entrances/phone_login_code.html", tell_address=False)


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Whose account it is."""
    return page(_WAY.first, next=own_path(request.args.get("next")))


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code, if there is somebody to send it to."""
    form, wanted = request.form, own_path(request.form.get("next"))
    return _WAY.begin(
        lambda: start_phone_login(form.get("username"), ip=request.remote_addr, answer=given_answer()), next=wanted
    )


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code."""
    return _WAY.code_page(next=own_path(request.args.get("next")))


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Let the graduate in."""
    form, wanted = request.form, own_path(request.form.get("next"))
    account, refused = _WAY.end(lambda number, code, how: finish_phone_login(number, code, **how), next=wanted)
    if refused is not None:
        return refused
    log_in(account, _DOOR, stay="stay" in form)
    return redirect(destination(account, wanted))
