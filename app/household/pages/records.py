"""One kind's pages for the graduate: choose the type, fill in what it needs, see the progress; once for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base.errors import Conflict, Invalid, NotFound, texts_of
from app.cases import progress
from app.cases.services import begin_case, edit_case, is_editable
from app.codes import queries as codes
from app.household.home import Standing, item_of, last_day_of_changes, standing_of
from app.household.models import HouseholdMixin
from app.household.pages.overview import TITLES, record_address
from app.household.proposals import locked_values, proposal_for, refusals
from app.household.records import changes_of, record_rows, shown, warnings_of
from app.household.types import FIELDS, KINDS, LABELS, NOT_AT_SCHOOL, REASONS, TABLES, kept_fields, needs_of
from app.roster.services.graduates import own_graduate
from app.schools.queries import setting_of
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access
from app.workflow import engine, registry
from app.workflow.stages import Stage

_STEPS = ("submit", "withdraw")


def pages_of(kind: str) -> Blueprint:
    """The pages of a kind (archive, hukou) below /graduate/<kind>."""
    pages = Blueprint(f"graduate_{kind}", __name__, url_prefix=f"/graduate/{kind}")
    one = f"/<{kind}_id>"
    for rule, name, view, methods in (
        ("/new", "begin", begin, ["GET"]),
        ("/new", "create", create, ["POST"]),
        (one, "record", record, ["GET"]),
        (f"{one}/edit", "edit", edit, ["GET"]),
        (f"{one}/edit", "save", save, ["POST"]),
        (f"{one}/<event>", "step", step, ["POST"]),
    ):
        pages.add_url_rule(rule, name, _opened(partial(view, kind), kind), methods=methods)
    return pages


def _opened(view: Any, kind: str) -> Any:
    """The view for graduates alone; the id of its address comes as `case_id`."""

    def page(**values: Any) -> ResponseReturnValue:
        if f"{kind}_id" in values:
            values["case_id"] = values.pop(f"{kind}_id")
        return view(**values)

    return page_access(GRADUATE)(page)


def begin(kind: str) -> ResponseReturnValue:
    """The types on offer; with one chosen, its form with what is known already."""
    actor = current_actor()
    standing = standing_of(kind, own_graduate(actor), actor)
    if standing.moving is not None:
        return redirect(record_address(standing.moving))
    if standing.refusal:
        flash(standing.refusal, "danger")
        return redirect(url_for("household.overview"))
    chosen = request.args.get("type", "")
    if chosen not in dict(types_on_offer(kind, actor)):
        return _choice(kind, actor, standing)
    return _form(kind, actor, chosen, _known(kind, actor, chosen, standing), standing=standing)


def create(kind: str) -> ResponseReturnValue:
    """Submit a new record, or keep it as a draft."""
    actor, body = current_actor(), _sent(kind)
    try:
        case = begin_case(kind, body, actor=actor, submit="draft" not in request.form)
    except Invalid as error:
        return _refused(kind, actor, body, error)
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(url_for("household.overview"))
    flash(_outcome(case), "success")
    return redirect(record_address(case))


def record(kind: str, case_id: str) -> ResponseReturnValue:
    """One record: what it says, where it is, what can be done."""
    actor = current_actor()
    case = engine.load(registry.get(kind), row_id(case_id), actor=actor)
    standing = standing_of(kind, own_graduate(actor), actor)
    return render_template(
        "household/record.html",
        **item_of(case, actor),
        kind=kind,
        title=TITLES[kind],
        standing=standing,
        rows=record_rows(case),
        copied=[str(LABELS[name]) for name in case.copied],
        labels=LABELS,
        changes=changes_of(case),
        warnings=warnings_of(case) if is_editable(case) else [],
        timeline=progress.timeline(case, actor),
        last_day=last_day_of_changes(case.cohort),
        edit_url=_address(kind, "edit", case.id) if is_editable(case) else None,
        step=lambda event: _address(kind, "step", case.id, event=event),
    )


def edit(kind: str, case_id: str) -> ResponseReturnValue:
    """The form of a draft or returned record, with the reviewer's words beside the fields; or another type."""
    actor = current_actor()
    case = engine.load(registry.get(kind), row_id(case_id), actor=actor)
    if not is_editable(case):
        return redirect(record_address(case))
    chosen = request.args.get("type", case.data.get("transfer_type") or "")
    if "choose" in request.args or chosen not in dict(types_on_offer(kind, actor, case)):
        return _choice(kind, actor, standing_of(kind, own_graduate(actor), actor), case)
    known = case.data if chosen == case.data.get("transfer_type") else _known(kind, actor, chosen, None)
    return _form(kind, actor, chosen, known, case=case)


def save(kind: str, case_id: str) -> ResponseReturnValue:
    """Keep the changes, and submit them unless only a draft was meant."""
    actor, body, number = current_actor(), _sent(kind), row_id(case_id)
    try:
        case = edit_case(kind, number, body, actor=actor)
        if "draft" not in request.form:
            case = engine.fire(kind, number, "submit", actor=actor)
    except Invalid as error:
        return _refused(kind, actor, body, error, engine.load(registry.get(kind), number, actor=actor))
    except Conflict as error:
        flash(error.message, "danger")
        return redirect(_address(kind, "record", number))
    flash(_outcome(case), "success")
    return redirect(record_address(case))


def step(kind: str, case_id: str, event: str) -> ResponseReturnValue:
    """提交 or 撤回 from the record's page."""
    return _step(kind=kind, case_id=case_id, event=event)


@flash_refusals(lambda kind, case_id, event: _address(kind, "record", case_id))
def _step(kind: str, case_id: str, event: str) -> ResponseReturnValue:
    if event not in _STEPS:
        raise NotFound()
    case = engine.fire(kind, row_id(case_id), event, actor=current_actor())
    flash(_outcome(case), "success")
    return redirect(record_address(case))


def types_on_offer(kind: str, actor: Actor, case: Any = None) -> list[tuple[str, str]]:
    """(code, label) of the types that the graduate's school offers and the graduate may choose."""
    graduate = own_graduate(actor)
    setting = setting_of(graduate.school_id, (case or graduate).cohort, kind)
    offered = setting.types if setting else []
    refused = refusals(kind, graduate, offered)
    return [(code, label) for code, label in codes.choices(TABLES[kind]) if code in offered and code not in refused]


def _choice(kind: str, actor: Actor, standing: Standing, case: Any = None) -> ResponseReturnValue:
    """The types as cards, the proposed one marked; 户口不在学校 is done with one press."""
    offered = types_on_offer(kind, actor, case)
    proposal = proposal_for(kind, own_graduate(actor))
    target = (
        partial(_address, kind, "edit", case.id) if case is not None else partial(url_for, f"graduate_{kind}.begin")
    )
    return render_template(
        "household/choice.html",
        kind=kind,
        title=TITLES[kind],
        standing=standing,
        proposal=proposal,
        types=[
            {"code": code, "label": label, "meaning": needs_of(kind, code).meaning, "url": target(type=code)}
            for code, label in sorted(offered, key=lambda one: one[0] != proposal.transfer_type)
            if code != NOT_AT_SCHOOL
        ],
        not_at_school=NOT_AT_SCHOOL if NOT_AT_SCHOOL in dict(offered) else "",
        post_url=_address(kind, "save", case.id) if case is not None else url_for(f"graduate_{kind}.create"),
        last_day=last_day_of_changes(own_graduate(actor).cohort),
    )


def _form(
    kind: str,
    actor: Actor,
    chosen: str,
    values: Mapping[str, Any],
    *,
    case: Any = None,
    standing: Standing | None = None,
    errors: Mapping[str, Any] | None = None,
) -> str:
    graduate, needs = own_graduate(actor), needs_of(kind, chosen)
    locked = locked_values(kind, graduate, chosen)
    return render_template(
        "household/form.html",
        kind=kind,
        title=TITLES[kind],
        chosen=chosen,
        type_label=codes.label(TABLES[kind], chosen),
        needs=needs,
        fields=[name for name in FIELDS[kind] if name in needs.fields and name not in locked],
        locked=[(LABELS[name], shown(kind, name, value)) for name, value in locked.items()],
        values=values,
        labels=LABELS,
        reasons=REASONS,
        region_words=codes.region_label(values.get("region")),
        source=proposal_for(kind, graduate).source if case is None and standing and not standing.in_force else "",
        errors=errors or {},
        change=standing is not None and standing.in_force is not None,
        **_of_case(kind, case),
    )


def _of_case(kind: str, case: HouseholdMixin) -> dict[str, Any]:
    """What the form of a begun record has beside that of a new one: the reviewer's words, and where it is sent."""
    if case is None:
        addresses = {"post_url": url_for(f"graduate_{kind}.create"), "choose_url": url_for(f"graduate_{kind}.begin")}
        return {"case": None, "opinions": {}, "opinion": None, **addresses}
    told = case.opinions or {}
    return {
        "case": case,
        "opinions": told.get("fields") or {},
        "opinion": told.get("reason"),
        "post_url": _address(kind, "save", case.id),
        "choose_url": _address(kind, "edit", case.id, choose=1),
    }


def _refused(kind: str, actor: Actor, body: Mapping[str, Any], error: Invalid, case: Any = None) -> ResponseReturnValue:
    errors = texts_of(error.errors)
    return _form(kind, actor, str(body.get("transfer_type", "")), body, case=case, errors=errors), 422


def _known(kind: str, actor: Actor, chosen: str, standing: Standing | None) -> Mapping[str, Any]:
    """What the form of a type shows first: the record in force of that type, else what the platform proposes."""
    old = standing.in_force if standing else None
    if old is not None and old.data.get("transfer_type") == chosen:
        return dict(old.data)
    proposal = proposal_for(kind, own_graduate(actor))
    return kept_fields(kind, {**proposal.values, "transfer_type": chosen}) if proposal.transfer_type == chosen else {}


def _sent(kind: str) -> dict[str, Any]:
    names = ("transfer_type", *FIELDS[kind])
    return {name: request.form[name] for name in names if request.form.get(name, "").strip()}


def _outcome(case: Any) -> str:
    return {
        Stage.DRAFT: _("Kept as a draft. It is not submitted yet."),
        Stage.IN_FORCE: _("Registered. Nothing is left to do."),
    }.get(case.stage, _("Submitted. You are told as soon as it has been decided."))


def _address(kind: str, page: str, case_id: Any, **values: Any) -> str:
    return url_for(f"graduate_{kind}.{page}", **{f"{kind}_id": case_id}, **values)


assert set(TITLES) == set(KINDS)


archive_pages, hukou_pages = (pages_of(kind) for kind in KINDS)
