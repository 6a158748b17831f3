"""年度复核: an owner looks at what stands of the unit, confirms it with a code or changes it (B13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.errors import Conflict, Invalid, NotFound, Throttled, texts_of
from app.base.masks import mask_address
from app.cases import progress
from app.cases.pages import photos
from app.cases.services import is_editable
from app.codes import queries as codes
from app.employers.guards import NATURES_OF_TYPE, verified_employer
from app.employers.renewal.attachments import KINDS
from app.employers.renewal.forms import RenewalForm
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.proof import act_of, address_of, send_code
from app.employers.renewal.queries import open_renewal_of
from app.employers.renewal.records import changes_in_words
from app.employers.renewal.workflow import UNIT_RENEWAL
from app.employers.units.records import unit_rows
from app.employers.verification.effects import unit_facts
from app.employers.verification.services.onboarding import verified_unit
from app.passcodes.acts import waiting_code
from app.passcodes.services import shown_code
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import page_access, refusal_text
from app.web.shell import contribute
from app.workflow import engine
from app.workflow.stages import Stage

blueprint = Blueprint("renewal", __name__, url_prefix="/employer/renewal")
_TABLES = ("employer_type", "employer_nature", "employer_industry", "employer_size")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """Until when the unit is verified and what there is to do, for its workbench."""
    unit = verified_unit(actor) if actor.kind == EMPLOYER and request.endpoint == "employer.workbench" else None
    if unit is None or unit.verified_until is None:
        return {}
    case = open_renewal_of(actor)
    waits = case is not None and case.waits_for == EMPLOYER
    told = {"until": _until(case, unit.verified_until), "lapsed": unit.lapsed_at is not None, "waits": waits}
    return {"renewal": {**told, "open": case is not None, "url": url_for("renewal.show")}}


def _until(case: UnitRenewal | None, until: Any) -> Any:
    """The end of the verification; while the unit is asked it is what the clock looks at, outages included."""
    return case.due_at if case is not None and case.waits_for == EMPLOYER and case.due_at else until


@blueprint.get("")
@page_access(EMPLOYER)
def show() -> str:
    """What stands, as a form; and how far the renewal is."""
    return _page(None, {})


@blueprint.get("/records/<case_id>")
@page_access(EMPLOYER)
def record(case_id: str) -> ResponseReturnValue:
    """Where a notice of a renewal leads."""
    engine.load(UNIT_RENEWAL, row_id(case_id), actor=current_actor())
    return redirect(url_for("renewal.show"))


@blueprint.post("/confirm")
@page_access(EMPLOYER)
def confirm() -> ResponseReturnValue:
    """Nothing has changed: one press, with the code."""
    return _hand_in("confirm", {})


@blueprint.post("/renew")
@page_access(EMPLOYER)
def renew() -> ResponseReturnValue:
    """Hand in what is typed; files of a plain form are kept whatever becomes of the rest."""
    return _hand_in("renew", {name: request.form[name] for name in RenewalForm().fields if name in request.form})


@blueprint.post("/code")
@page_access(EMPLOYER)
def code() -> ResponseReturnValue:
    """Send the code that both ways of handing in ask for; what was typed stays."""
    case = open_renewal_of(current_actor())
    if case is None:
        raise NotFound()
    try:
        send_code(case, actor=current_actor())
        flash(_("The code is on its way."), "success")
    except (Conflict, Throttled) as refused:
        flash(refused.message, "danger")
    return _page(request.form if request.form.get("act") == "renew" else None, {})


def _hand_in(event: str, data: Mapping[str, str]) -> ResponseReturnValue:
    actor = current_actor()
    case = open_renewal_of(actor)
    if case is None:
        raise NotFound()
    seen = seen_version(request.form.get("version"))
    try:
        if event == "renew" and is_editable(case):
            photos.take_sent(UNIT_RENEWAL.name, case.id, actor=actor)
        engine.fire(UNIT_RENEWAL.name, case.id, event, actor=actor, data=data, version=seen)
    except Invalid as error:
        flash(refusal_text(error), "danger")
        return _page(request.form if event == "renew" else None, texts_of(error.errors)), 422
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(url_for("renewal.show"))
    flash(
        _("Handed in. An operator looks at it; you are told the result, and everything runs on meanwhile."), "success"
    )
    return redirect(url_for("renewal.show"))


def _page(typed: Mapping[str, Any] | None, errors: dict[str, list[str]]) -> str:
    actor = current_actor()
    unit = verified_employer(actor)
    case = open_renewal_of(actor)
    changes = (case.data.get("changes") or {}) if case is not None else {}
    stands = {**unit_facts(unit), **{name: after for name, (_before, after) in changes.items()}}
    events = engine.available(case, actor) if case is not None else []
    code = waiting_code(act_of(case, actor)) if case is not None and events else None
    shown = photos.shown(case) if case is not None else {}
    return render_template(
        "employers/renewal.html",
        unit=unit,
        case=case,
        until=_until(case, unit.verified_until),
        label=UNIT_RENEWAL.label_of(case, actor) if case is not None else "",
        tone=progress.tone_for(case, actor) if case is not None else "",
        timeline=progress.timeline(case, actor) if case is not None else [],
        sent_back=case is not None and case.stage == Stage.RETURNED,
        events=events,
        values=typed or stands,
        changes=changes_in_words(changes),
        errors=errors,
        opinions={},
        rows=unit_rows(unit_facts(unit)),
        options={table: codes.choices(table) for table in _TABLES},
        rule=NATURES_OF_TYPE,
        kinds=[(kind.name, kind.label, shown.get(kind.name, [])) for kind in KINDS],
        photos_url=photos.address(case) if case is not None else "",
        address=mask_address(address_of(actor)) if events else "",
        code=code,
        trial_code=shown_code(code) if code is not None else None,
        asked=request.form.get("act", ""),
    )
