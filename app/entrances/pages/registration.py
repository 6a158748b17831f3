"""单位注册: mobile or e-mail, then the code with name, user name and password (R1.2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

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
from app.entrances.services.registration import finish_registration, start_registration
from app.passcodes.models import REGISTRATION
from app.web.gate import open_to_all

blueprint = Blueprint("registration", __name__, url_prefix="/register")
open_to_all("registration.ask", "registration.send", "registration.enter", "registration.finish")


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Mobile number or e-mail address."""
    return page("entrances/register.html")


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Send the code."""
    row, error = attempt(
        lambda: start_registration(request.form.get("address"), ip=request.remote_addr, answer=given_answer())
    )
    if error is not None:
        return page("entrances/register.html", error)
    remember(row)
    return redirect(url_for("registration.enter"))


@blueprint.get("/code")
def enter() -> ResponseReturnValue:
    """The code and the new account."""
    row = waiting_code(REGISTRATION)
    if row is None:
        flash(_("This code can no longer be used. Please have a new one sent."), "warning")
        return redirect(url_for("registration.ask"))
    return page("entrances/register_code.html", sent=sent_facts(row))


@blueprint.post("/code")
def finish() -> ResponseReturnValue:
    """Make the account and go on to the workbench, which says what comes next."""
    form = request.form
    account, error = attempt(
        lambda: finish_registration(
            waiting_id(REGISTRATION),
            form.get("code", ""),
            form.get("name"),
            form.get("username"),
            form.get("password"),
            ip=request.remote_addr or "unknown",
            answer=given_answer(),
        )
    )
    if error is not None:
        row = waiting_code(REGISTRATION)
        if row is None:
            return page("entrances/register.html", error)
        return page("entrances/register_code.html", error, sent=sent_facts(row))
    forget(REGISTRATION)
    log_in(account, "employer")
    flash(_("Your account is registered."), "success")
    return redirect(workplace(account.kind))
