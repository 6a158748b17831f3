"""The first log-in of a unit's user: short steps that can be left and resumed (R5.1-R5.5, R5.8)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.database import session
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.base.masks import mask_account
from app.cases.pages import photos
from app.cases.services import begin_case, edit_case, is_editable
from app.codes import queries as codes
from app.employers.guards import NATURES_OF_TYPE
from app.employers.models import EmployerUser, EmployerVerification
from app.employers.pages import code_to_typed_address
from app.employers.verification.attachments import KINDS
from app.employers.verification.authorization import authorization_letter, letter_facts
from app.employers.verification.guards import needed_kinds
from app.employers.verification.records import field_labels, kind_labels, timeline
from app.employers.verification.services import onboarding as steps
from app.employers.verification.services.verifications import open_verification_of
from app.employers.verification.sheets import METHOD_LABELS
from app.employers.verification.workflow import VERIFICATION
from app.payments import adapters
from app.web.current import current_actor, forget_actor
from app.web.numbers import row_id
from app.web.pages import page_access, refusal_text
from app.workflow import engine
from app.workflow.stages import Stage

blueprint = Blueprint("onboarding", __name__, url_prefix="/employer/verification")
METHODS = ("remittance", "materials", "known_unit")
SAMPLES = ("authorization_letter", "licence")  # 查看示例: drawn, in static/samples/


@blueprint.get("/")
@page_access(EMPLOYER)
def resume() -> ResponseReturnValue:
    """Where the user left off."""
    actor = current_actor()
    if steps.is_verified(actor):
        return redirect(url_for("employer.workbench"))
    return redirect(url_for(f"onboarding.{steps.step_of(actor)}"))


@blueprint.route("/platform", methods=["GET", "POST"])
@page_access(EMPLOYER)
def platform() -> ResponseReturnValue:
    """Step 1: the platform is chosen."""
    if request.method == "POST":
        steps.choose_platform(actor=current_actor())
        return redirect(url_for("onboarding.person"))
    return _page("platform")


@blueprint.route("/person", methods=["GET", "POST"])
@page_access(EMPLOYER)
def person() -> ResponseReturnValue:
    """Step 2: who acts for the unit."""
    actor = current_actor()
    if request.method == "GET":
        kept = session.get(EmployerUser, actor.user_id)
        values = {**_values_of(kept), "company": (kept.unit or {}).get("name")} if kept else {"name": actor.name}
        return _page("person", values=values, options=_options("sex"))
    try:
        steps.save_person(request.form, actor=actor)
    except Invalid as error:
        return _page("person", values=request.form, errors=texts_of(error.errors), options=_options("sex")), 422
    return _onwards(actor)


@blueprint.post("/code")
@page_access(EMPLOYER)
def code() -> ResponseReturnValue:
    """Send a code to the e-mail address that was typed; what was typed stays."""
    errors, trial_code = code_to_typed_address()
    page = _page("person", values=request.form, errors=errors, options=_options("sex"), trial_code=trial_code)
    return (page, 422) if errors else page


@blueprint.route("/unit", methods=["GET", "POST"])
@page_access(EMPLOYER)
def unit() -> ResponseReturnValue:
    """Step 3: the unit."""
    actor = current_actor()
    tables = _options("employer_type", "employer_nature", "employer_industry", "employer_size")
    rule = {kind: list(natures) for kind, natures in NATURES_OF_TYPE.items()}
    if request.method == "GET":
        return _page("unit", values=steps.typed_unit(actor), options=tables, rule=rule)
    try:
        steps.save_unit(request.form, actor=actor)
    except (Invalid, Conflict) as error:
        errors = texts_of(error.errors) if isinstance(error, Invalid) else {"uscc": [error.message]}
        return _page("unit", values=request.form, errors=errors, options=tables, rule=rule), error.status
    return _onwards(actor)


@blueprint.route("/method", methods=["GET", "POST"])
@page_access(EMPLOYER)
def method() -> ResponseReturnValue:
    """Step 4: how the unit proves who it is."""
    actor = current_actor()
    case = open_verification_of(actor)
    if request.method == "GET":
        values = {**case.data, "account": case.account or ""} if case and is_editable(case) else {}
        return _method_page(actor, values, {})
    try:
        if case is None:
            begin_case("verification", request.form, actor=actor, submit=False)
        else:
            edit_case("verification", case.id, request.form, actor=actor)
    except (Invalid, Conflict) as error:
        errors = texts_of(error.errors) if isinstance(error, Invalid) else {"method": [error.message]}
        return _method_page(actor, request.form, errors), error.status
    return redirect(url_for("onboarding.papers"))


def _method_page(actor: Actor, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
    typed = steps.typed_unit(actor)
    joining = steps.joins(actor)
    offered = ("join",) if joining else METHODS
    return _page(
        "method",
        values={"method": offered[0] if joining else "", **values},
        errors=errors,
        methods=[(name, str(METHOD_LABELS[name]), _way(name)) for name in offered],
        payee=typed.get("name", ""),
        joining=joining,
    )


def _way(method: str) -> str:
    """The steps of a method in one line."""
    return {
        "remittance": _(
            "Give the unit's account → the platform remits less than two yuan → give the amount that arrived → verified."
        ),
        "materials": _("Upload the stamped licence and letter → an operator reviews them → verified."),
        "known_unit": _("Only the authorization letter is added → an operator reviews it → verified."),
        "join": _("Upload the authorization letter → an operator reviews it → you join the unit."),
    }[method]


@blueprint.get("/papers")
@page_access(EMPLOYER)
def papers() -> ResponseReturnValue:
    """Step 5: the stamped papers, then submit."""
    case = open_verification_of(current_actor())
    if case is None:
        return redirect(url_for("onboarding.resume"))
    if not is_editable(case):
        return redirect(url_for("onboarding.status"))
    return _papers_page(case, {})


def _papers_page(case: EmployerVerification, errors: Mapping[str, Any]) -> str:
    needed, shown = needed_kinds(case), photos.shown(case)
    return _page(
        "papers",
        case=case,
        errors=errors,
        kinds=[
            (kind, kind_labels()[kind], kind in needed, shown.get(kind, [])) for kind in (one.name for one in KINDS)
        ],
        photos_url=photos.address(case),
        samples=SAMPLES,
        method=METHOD_LABELS[case.method],
    )


@blueprint.get("/letter.pdf")
@page_access(EMPLOYER)
def letter() -> ResponseReturnValue:
    """网签授权书 with the unit's and the user's names filled in, to print and stamp."""
    actor = current_actor()
    kept = session.get(EmployerUser, actor.user_id)
    content = authorization_letter(steps.typed_unit(actor), letter_facts(kept))
    return send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=_("Authorization letter") + ".pdf",
    )


@blueprint.post("/submit")
@page_access(EMPLOYER)
def submit() -> ResponseReturnValue:
    """Keep what a plain form brings, and hand it in when that was pressed."""
    case, actor = _own_case(), current_actor()
    try:
        photos.take_sent(VERIFICATION.name, case.id, actor=actor)
        if "submit" not in request.form:
            flash(_("The files have been saved."), "success")
            return redirect(url_for("onboarding.papers"))
        engine.fire("verification", case.id, "submit", actor=actor)
    except (Invalid, Conflict) as error:
        flash(refusal_text(error), "danger")
        session.refresh(case)
        return _papers_page(_own_case(), texts_of(error.errors) if isinstance(error, Invalid) else {}), error.status
    flash(_("Your verification has been submitted."), "success")
    return redirect(url_for("onboarding.status"))


@blueprint.get("/status")
@page_access(EMPLOYER)
def status() -> ResponseReturnValue:
    """Where it stands, who has to act, what the operator says."""
    case = open_verification_of(current_actor())
    if case is None:
        return redirect(url_for("onboarding.resume"))
    return _status_page(case, {})


@blueprint.get("/records/<case_id>")
@page_access(EMPLOYER)
def record(case_id: str) -> ResponseReturnValue:
    """Where a notice of the verification leads."""
    case = engine.load(VERIFICATION, row_id(case_id), actor=current_actor())
    return redirect(url_for("onboarding.resume" if case.stage == Stage.IN_FORCE else "onboarding.status"))


@blueprint.post("/amount")
@page_access(EMPLOYER)
def amount() -> ResponseReturnValue:
    """The amount that has arrived."""
    case = _own_case()
    data = {"amount": request.form.get("amount", "")}
    try:
        case = engine.fire("verification", case.id, "confirm_amount", actor=current_actor(), data=data)
    except Invalid as error:
        return _status_page(_own_case(), texts_of(error.errors)), 422
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(url_for("onboarding.status"))
    if case.stage == Stage.IN_FORCE:
        flash(_("Your unit is verified. You can look for graduates and invite them now."), "success")
        return redirect(url_for("employer.workbench"))
    if case.stage == Stage.ASKED:
        left = case.data["tries_left"]
        wrong = _("This is not the amount that was remitted. %(left)s tries left.", left=left)
        return _status_page(case, {"amount": [wrong]}), 422
    return redirect(url_for("onboarding.status"))


def _status_page(case: EmployerVerification, errors: Mapping[str, Any]) -> str:
    return _page(
        "status",
        case=case,
        errors=errors,
        label=VERIFICATION.label_of(case, current_actor()),
        unit_account=mask_account(case.account),
        payer=mask_account(adapters.payer_account()),
        statement=adapters.adapter().statement(case.account) if case.account else None,
        timeline=timeline(case),
        field_labels=field_labels(),
    )


def _own_case() -> EmployerVerification:
    case = open_verification_of(current_actor())
    if case is None:
        raise NotFound(_("No verification has been started. Please choose a method first."))
    return case


def _onwards(actor: Actor) -> ResponseReturnValue:
    forget_actor()
    case = open_verification_of(current_actor())
    if case is not None and case.stage == Stage.RETURNED:
        return redirect(url_for("onboarding.method"))
    return redirect(url_for("onboarding.resume"))


def _page(step: str, **context: Any) -> str:
    actor = current_actor()
    labels = [
        ("platform", _("Platform")),
        ("person", _("Personal information")),
        ("unit", _("Unit information")),
        ("method", _("Method")),
        ("papers", _("Papers")),
        ("status", _("Result")),
    ]
    reached = steps.STEPS.index(steps.step_of(actor))
    case = context.get("case") or open_verification_of(actor)
    locked = case is not None and not is_editable(case)
    context.setdefault("opinions", case.opinions if case is not None and case.stage == Stage.RETURNED else {})
    return render_template(
        f"employers/onboarding_{step}.html",
        **{"errors": {}, **context},
        has_unit=steps.has_unit(actor),
        step=step,
        steps=[
            (name, label, url_for(f"onboarding.{name}") if number <= reached and not locked else None)
            for number, (name, label) in enumerate(labels)
        ],
    )


def _options(*tables: str) -> dict[str, Any]:
    return {table: codes.choices(table) for table in tables}


def _values_of(person: EmployerUser) -> dict[str, Any]:
    names = ("name", "sex", "department", "post", "email", "work_phone", "fax", "mobile")
    return {name: getattr(person, name) or "" for name in names}
