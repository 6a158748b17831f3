"""The piece of a review page that shows the unit's state in the company register; loaded after the page (R8.10)."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.access.actors import MODULES, STAFF
from app.base.errors import Forbidden, NotFound
from app.base.values import Unreadable, credit_codes
from app.company_register.queries import MANUAL_URL, state_of
from app.web.current import current_actor
from app.web.pages import page_access

blueprint = Blueprint("company_register", __name__, url_prefix="/staff/register")


@blueprint.get("/<uscc>")
@page_access(*STAFF)
def state(uscc: str) -> str:
    """The state of one unit; what the public register says is no secret of any school."""
    actor = current_actor()
    if not any(actor.reads(module) for module in MODULES):
        raise Forbidden()  # it belongs to the pages on which cases and units are reviewed
    try:
        code = credit_codes.read(uscc)
    except Unreadable as error:
        raise NotFound() from error
    odd = credit_codes.warning_of(code)
    typed = request.args.get("name", "")[:200]
    return render_template(
        "company_register/state.html", unit=state_of(code), typed=typed, odd=odd, manual_url=MANUAL_URL
    )
