"""The second factor of the own account in the staff area: set up, recovery codes, switched off (R1.1)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import second_factor
from app.access.actors import STAFF
from app.entrances.pages import own
from app.entrances.pages.steps import attempt
from app.web.current import current_actor, forget_actor
from app.web.pages import flash_refusals, page_access

blueprint = Blueprint("factor", __name__, url_prefix="/staff/account/factor")


def _home(**_values: object) -> str:
    return f"{own.own_url('staff')}#factor"


@blueprint.post("")
@page_access(*STAFF)
@flash_refusals(_home)
def begin() -> ResponseReturnValue:
    """A new secret; the page shows it until its first code is entered."""
    second_factor.begin(actor=current_actor())
    return redirect(_home())


@blueprint.post("/confirm")
@page_access(*STAFF)
@flash_refusals(_home)
def confirm() -> ResponseReturnValue:
    """Switch it on and show the recovery codes, this once."""
    codes, error = attempt(lambda: second_factor.confirm(request.form.get("code"), actor=current_actor()))
    forget_actor()
    return own.account_page(error, part="factor", recovery_codes=codes)


@blueprint.post("/off")
@page_access(*STAFF)
@flash_refusals(_home)
def off() -> ResponseReturnValue:
    """Switch it off with a code."""
    _done, error = attempt(lambda: second_factor.remove(request.form.get("code"), actor=current_actor()))
    if error is not None:
        return own.account_page(error, part="factor")
    flash(_("The second factor is off."), "success")
    return redirect(_home())
