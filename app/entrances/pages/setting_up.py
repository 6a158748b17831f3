"""The page behind a set-up link: a new account of staff gets its own password there, from its person alone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.services import DOOR_OF_KIND
from app.base.errors import AppError, Invalid
from app.entrances.pages.steps import attempt, page
from app.entrances.services.setting_up import account_to_set_up, finish_setup
from app.web.gate import open_to_all

blueprint = Blueprint("setting_up", __name__)
open_to_all("setting_up.ask", "setting_up.finish")


@blueprint.get("/set-up/<string:token>")
def ask(token: str) -> ResponseReturnValue:
    """The form for the password, or that the link is over."""
    return _form(token)


@blueprint.post("/set-up/<string:token>")
def finish(token: str) -> ResponseReturnValue:
    """Set the password; the person logs in with it."""
    account, error = attempt(lambda: finish_setup(token, request.form.get("password"), ip=request.remote_addr))
    if error is not None:
        return _form(token, error)
    flash(_("The password is set. Please log in with it."), "success")
    return redirect(url_for("EntranceView.enter", door=DOOR_OF_KIND[account.kind]))


def _form(token: str, refused: AppError | None = None) -> ResponseReturnValue:
    account, over = attempt(lambda: account_to_set_up(token, ip=request.remote_addr))
    if isinstance(refused, Invalid) and over is None:
        over = refused
    response = page("entrances/set_up.html", over, token=token, account=account)
    response.headers["Cache-Control"] = "no-store"
    return response
