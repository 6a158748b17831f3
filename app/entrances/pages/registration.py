"""单位注册: mobile or e-mail, then the code with name, user name and password (R1.2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.entrances.pages.login import log_in, workplace
from app.entrances.pages.steps import Way, given_answer, page
from app.entrances.services.registration import finish_registration, start_registration
from app.passcodes.models import REGISTRATION
from app.web.gate import open_to_all
from app.web.pages import ONWARDS, own_path

blueprint = Blueprint("registration", __name__, url_prefix="/register")
open_to_all("registration.ask", "registration.send", "registration.enter", "registration.finish")
_WAY = Way("registration", REGISTRATION, "entrances/register.html", "entrances/register_code.html")


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Mobile number or e-mail address."""
    return page(_WAY.first)


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code."""
    address = request.form.get("address")
    return _WAY.begin(lambda: start_registration(address, ip=request.remote_addr, answer=given_answer()))


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code and the new account."""
    return _WAY.code_page()


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Make the account and go on to the workbench, which says what comes next."""
    typed = [request.form.get(name) for name in ("name", "username", "password")]
    account, refused = _WAY.end(lambda number, code, how: finish_registration(number, code, *typed, **how))
    if refused is not None:
        return refused
    onwards = own_path(session.get(ONWARDS))
    log_in(account, "employer")
    flash(_("Your account is registered."), "success")
    return redirect(onwards or workplace(account.kind))
