"""The forms of the signings on paper: short steps, each saved as a draft, opened at what the reviewer marked (R7.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actors import GRADUATE, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid, NotFound
from app.cases.pages import photos
from app.cases.services import begin_case, edit_case, is_editable
from app.flags.queries import warning_for
from app.roster.services.graduates import own_graduate
from app.signing.home import why_not_on_paper
from app.signing.paper.models import PaperMixin
from app.signing.paper.pages import application
from app.signing.paper.pages.records import blueprint, record_url, table_of
from app.signing.paper.services.writing import unit_of_credit_code
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.pages import page_access, refusal_text
from app.workflow import engine
from app.workflow.stages import Stage


@blueprint.get("/paper/<workflow>/new")
@page_access(GRADUATE)
def begin(workflow: str) -> ResponseReturnValue:
    """The first step of a new application; a draft that exists is offered."""
    actor, table = current_actor(), table_of(workflow)
    graduate = own_graduate(actor)
    closed = why_not_on_paper(graduate, actor)
    if closed:
        flash(closed, "danger")
        return redirect(url_for("graduate.home"))
    model = table.model
    drafts = select(model.id).where(model.graduate_id == graduate.id, model.stage == Stage.DRAFT, model.data != {})
    return _step(workflow, None, "unit", {}, draft=session.scalar(drafts.order_by(model.id.desc()).limit(1)))


@blueprint.post("/paper/<workflow>/new")
@page_access(GRADUATE)
def create(workflow: str) -> ResponseReturnValue:
    """Keep the first step as a draft."""
    table_of(workflow)
    typed = application.part_of(request.form, "unit")
    if request.form.get("fill"):
        return _filled(workflow, None, typed)
    try:
        case = begin_case(workflow, typed, actor=current_actor(), submit=False)
    except Invalid as error:
        return _step(workflow, None, "unit", typed, error.errors), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return _step(workflow, None, "unit", typed), refusal.status
    return _go_on(case, "unit")


@blueprint.get("/paper/<workflow>/<case_id>/<step>")
@page_access(GRADUATE)
def edit(workflow: str, case_id: str, step: str) -> ResponseReturnValue:
    """One step of a draft or of a returned record."""
    case = _case(workflow, case_id, step)
    if not is_editable(case):
        flash(_("This can only be read now."), "info")
        return redirect(record_url(workflow, case.id))
    if step == "check":
        return _check(case)
    return _step(workflow, case, step, case.data)


@blueprint.post("/paper/<workflow>/<case_id>/<step>")
@page_access(GRADUATE)
def save(workflow: str, case_id: str, step: str) -> ResponseReturnValue:
    """Keep a step; then the next one, or the record when the graduate goes on later."""
    case = _case(workflow, case_id, step)
    if step in ("papers", "check"):
        return _go_on(case, step)
    typed = {**case.data, **application.part_of(request.form, step)}
    if request.form.get("fill"):
        return _filled(workflow, case, typed)
    try:
        case = edit_case(
            workflow, case.id, typed, actor=current_actor(), version=seen_version(request.form.get("version"))
        )
    except Invalid as error:
        return _step(workflow, case, step, typed, error.errors), 422
    except Conflict as refusal:
        flash(refusal.message, "danger")
        return redirect(record_url(workflow, case_id))
    return _go_on(case, step)


@blueprint.get("/paper/unit")
@page_access(GRADUATE)
def look_up() -> str:
    """What a credit code leads to, while it is typed: the unit to fill in, and a warning about it (R7.2)."""
    found, refusal = None, ""
    try:
        found = unit_of_credit_code(request.args.get("employer.uscc", ""), actor=current_actor())
    except AppError as error:
        refusal = refusal_text(error)
    return render_template("signing/_paper_unit.html", found=found, refusal=refusal)


def _case(workflow: str, case_id: str, step: str) -> Any:
    if step not in dict(application.steps_of(workflow)):
        raise NotFound()
    return engine.load(table_of(workflow), row_id(case_id), actor=current_actor())


def _go_on(case: PaperMixin, step: str) -> ResponseReturnValue:
    """After a step has been kept: what is still missing on it, the next one, or the record."""
    workflow = case.workflow_name
    if request.form.get("later"):
        flash(_("The draft has been saved. You can go on at any time."), "success")
        return redirect(record_url(workflow, case.id))
    missing = application.within(application.missing_of(case), step)
    if missing:
        return _step(workflow, case, step, case.data, missing, saved=True), 422
    keys = [key for key, _name in application.steps_of(workflow)]
    following = keys[min(keys.index(step) + 1, len(keys) - 1)]
    return redirect(url_for("paper.edit", workflow=workflow, case_id=case.id, step=following))


def _filled(workflow: str, case: Any, typed: dict[str, Any]) -> ResponseReturnValue:
    """The unit's step with the data of the verified unit of this credit code."""
    unit = dict(typed.get("employer") or {})
    try:
        found = unit_of_credit_code(str(unit.get("uscc", "")), actor=current_actor())
    except AppError as error:
        wrong = {"employer.uscc": [refusal_text(error)]}
        return _step(workflow, case, "unit", typed, wrong), error.status
    if found.facts is None:
        flash(_("No unit with this credit code is registered here. Please fill in what stands on its licence."), "info")
    else:
        unit = {**unit, **{name: value for name, value in found.facts.items() if value}}
        flash(_("Filled in with the data of %(unit)s. Please check them.", unit=unit["name"]), "success")
    return _step(workflow, case, "unit", {**typed, "employer": unit})


def _step(
    workflow: str,
    case: Any,
    step: str,
    data: Mapping[str, Any],
    errors: Mapping[str, list[Any]] | None = None,
    *,
    saved: bool = False,
    draft: int | None = None,
) -> str:
    actor = current_actor()
    reason, opinions = application.opinions_of(case) if case is not None else ("", {})
    uscc = (data.get("employer") or {}).get("uscc")
    return render_template(
        "signing/paper_form.html",
        **_frame(workflow, case, step),
        draft=draft,
        values=application.flat(data),
        errors=errors or {},
        saved=saved,
        labels=application.labels(),
        options=application.options(),
        reason=reason,
        opinions=opinions,
        warning=warning_for(uscc, actor, own_graduate(actor).school_id) if uscc else None,
        files=photos.shown(case) if case is not None else {},
        photos_url=photos.address(case) if case is not None else "",
    )


def _check(case: PaperMixin) -> str:
    actor: Actor = current_actor()
    reason, opinions = application.opinions_of(case)
    return render_template(
        "signing/paper_check.html",
        **_frame(case.workflow_name, case, "check"),
        application=application,
        missing=application.missing_of(case),
        labels=application.labels(),
        blocked=application.why_not(case, "submit", actor),
        reason=reason,
        opinions=opinions,
        warning=warning_for(case.unit_uscc, actor, case.school_id),
        files=photos.shown(case),
    )


def _frame(workflow: str, case: PaperMixin, step: str) -> dict[str, Any]:
    def address(key: str) -> str | None:
        return url_for("paper.edit", workflow=workflow, case_id=case.id, step=key) if case is not None else None

    return {
        "workflow": table_of(workflow),
        "case": case,
        "step": step,
        "steps": [(key, name, address(key)) for key, name in application.steps_of(workflow)],
        "action": address(step) or url_for("paper.create", workflow=workflow),
    }
