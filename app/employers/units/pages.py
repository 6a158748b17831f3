"""单位信息 and 账号管理 of a verified unit (R5.7, R1.8)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import Invalid, texts_of
from app.codes import queries as codes
from app.employers.guards import NATURES_OF_TYPE
from app.employers.models import Employer, EmployerUser
from app.employers.pages import code_to_typed_address
from app.employers.units.records import history_of, unit_rows
from app.employers.units.services import SELF_SERVICE, changes_of, unit_for, update_unit
from app.employers.verification.effects import unit_facts
from app.employers.verification.services.onboarding import is_verified, save_person
from app.web.current import current_actor
from app.web.pages import page_access
from app.web.shell import contribute

blueprint = Blueprint("units", __name__, url_prefix="/employer")
_PERSON = ("name", "sex", "department", "post", "email", "work_phone", "fax", "mobile")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The places of the unit's navigation."""
    if actor.kind != EMPLOYER or not is_verified(actor):
        return {}
    return {"urls": {"unit": url_for("units.unit"), "accounts": url_for("colleagues.show")}}


@blueprint.route("/unit", methods=["GET", "POST"])
@page_access(EMPLOYER)
def unit() -> ResponseReturnValue:
    """What the unit changes itself, what the service line changes, and what was changed."""
    actor = current_actor()
    own = unit_for(actor.employer_id or 0, actor=actor)
    if request.method == "GET":
        return _unit_page(own, unit_facts(own), {})
    values = {name: request.form[name] for name in SELF_SERVICE if name in request.form}
    try:
        update_unit(own.id, values, actor=actor)
    except Invalid as error:
        return _unit_page(own, request.form, texts_of(error.errors)), 422
    flash(_("The unit information has been saved. Signings that are not complete show it from now on."), "success")
    return redirect(url_for("units.unit"))


def _unit_page(own: Employer, values: Any, errors: dict[str, list[str]]) -> str:
    tables = ("employer_type", "employer_nature", "employer_industry", "employer_size")
    return render_template(
        "employers/unit.html",
        own=own,
        values=values,
        errors=errors,
        opinions={},
        rows=unit_rows(unit_facts(own)),
        options={table: codes.choices(table) for table in tables},
        rule=NATURES_OF_TYPE,
        history=history_of(changes_of(own)),
    )


@blueprint.route("/accounts", methods=["GET", "POST"])
@page_access(EMPLOYER)
def accounts() -> ResponseReturnValue:
    """The own details, which each user changes alone (R1.8); colleagues are on their page."""
    actor = current_actor()
    if request.method == "GET":
        own = session.get(EmployerUser, actor.user_id)
        return _accounts_page({name: getattr(own, name, None) or "" for name in _PERSON} if own else {}, {})
    try:
        save_person(request.form, actor=actor)
    except Invalid as error:
        return _accounts_page(request.form, texts_of(error.errors)), 422
    flash(_("Your details have been saved."), "success")
    return redirect(url_for("units.accounts"))


@blueprint.post("/accounts/code")
@page_access(EMPLOYER)
def code() -> ResponseReturnValue:
    """Send a code to a new e-mail address; what was typed stays."""
    errors, trial_code = code_to_typed_address()
    return _accounts_page(request.form, errors, trial_code), 422 if errors else 200


def _accounts_page(values: Any, errors: dict[str, list[str]], trial_code: str | None = None) -> str:
    return render_template(
        "employers/accounts.html",
        values=values,
        errors=errors,
        options={"sex": codes.choices("sex")},
        code_url=url_for("units.code"),
        trial_code=trial_code,
    )
