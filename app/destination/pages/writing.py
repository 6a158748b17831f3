"""The form of a destination: made from its type, kept as one types, pictures beside, the unit found by its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.errors import AppError, Conflict, Invalid, NotFound
from app.cases.pages import photos
from app.cases.services import edit_case, is_editable
from app.destination.catalogue import type_of
from app.destination.entry import groups_of, labels_of, proof_entries, sent_record
from app.destination.forms import check_record
from app.destination.guards import refuse_incomplete
from app.destination.models import Destination
from app.destination.pages.records import item
from app.destination.types.declared import DestinationType
from app.destination.types.kinds import kind_of
from app.destination.warnings import warnings_of
from app.destination.workflow import DESTINATION
from app.flags.queries import warning_for
from app.signing.paper.services.writing import FoundUnit, unit_of_credit_code
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import flash_refusals, page_access, refusal_text
from app.workflow import engine

blueprint = Blueprint("destination_forms", __name__, url_prefix="/graduate/destinations")
# Unit data of the platform → field of a type.
_OFFERED = {"name": "employer", "nature": "nature", "industry": "industry", "region": "region", "address": "address"}
Errors = Mapping[str, Sequence[Any]]


@blueprint.get("/<case_id>/edit")
@page_access(GRADUATE)
def edit(case_id: str) -> ResponseReturnValue:
    """The form with what is kept; `complete=1` marks what is still missing."""
    actor = current_actor()
    case = engine.load(DESTINATION, row_id(case_id), actor=actor)
    if not is_editable(case):
        return redirect(url_for("destinations.record", case_id=case.id))
    return _page(case, actor, errors=_missing(case) if request.args.get("complete") else {})


@blueprint.post("/<case_id>/edit")
@page_access(GRADUATE)
@flash_refusals(lambda case_id: url_for("destinations.record", case_id=case_id))
def save(case_id: str) -> ResponseReturnValue:
    """Keep what was typed, files too, and go on: stay, look the unit up, or check everything before submitting."""
    actor, number = current_actor(), row_id(case_id)
    case = engine.load(DESTINATION, number, actor=actor)
    kind = _type(case)
    errors: dict[str, Sequence[Any]] = _files(number, actor)
    sent = sent_record(kind, request.form)
    step = request.form.get("do", "save")
    found = _unit_sent(sent, actor, errors) if step in ("unit", "take") else None
    if step == "take":
        _take_over(sent, kind, found)
    clean, wrong = check_record(kind, sent, complete=False)
    case = edit_case("destination", number, {"type": kind.code, "data": clean}, actor=actor)
    errors = {**wrong, **errors}
    if step == "check" and not errors:
        errors = dict(_missing(case))
        if not errors:
            return redirect(url_for("destinations.check", case_id=case.id))
    if errors or step == "unit":
        return _page(case, actor, values=sent, errors=errors, found=found), 422 if errors else 200
    flash(_("Saved as a draft.") if step != "take" else _("The unit's data have been filled in."), "success")
    return redirect(
        url_for("destination_forms.edit", case_id=case.id, _anchor="f-data.uscc" if step == "take" else None)
    )


@blueprint.post("/<case_id>/autosave")
@page_access(GRADUATE)
def autosave(case_id: str) -> ResponseReturnValue:
    """Keep what can be kept of a form that is being typed; tells when, what is odd, and what cannot be kept yet."""
    actor, number = current_actor(), row_id(case_id)
    try:
        case = engine.load(DESTINATION, number, actor=actor)
        kind = _type(case)
        clean, wrong = check_record(kind, sent_record(kind, request.form), complete=False)
        case = edit_case("destination", number, {"type": kind.code, "data": clean}, actor=actor)
    except Conflict as refusal:
        return jsonify({"message": refusal.message}), refusal.status
    labels = labels_of(kind)
    at = clock.now().astimezone(clock.SHANGHAI).strftime("%H:%M")
    said = _("Saved at %(time)s", time=at)
    if wrong:
        fields = _(", ").join(labels.get(path, path) for path in wrong)
        said = _("Saved at %(time)s, without what is not right yet: %(fields)s", time=at, fields=fields)
    return jsonify({"said": said, "odd": render_template("destination/_odd.html", odd=warnings_of(case))})


@blueprint.get("/<case_id>/unit")
@page_access(GRADUATE)
def unit(case_id: str) -> ResponseReturnValue:
    """The unit behind the credit code that is being typed: its data to take over, and the warning about it (R7.2)."""
    actor = current_actor()
    case = engine.load(DESTINATION, row_id(case_id), actor=actor)
    try:
        found = unit_of_credit_code(request.args.get("data.uscc", ""), actor=actor)
    except AppError as refusal:
        return render_template("destination/_unit.html", refusal=refusal_text(refusal), **_found(None, _type(case)))
    return render_template("destination/_unit.html", **_found(found, _type(case)))


def _page(
    case: Destination,
    actor: Actor,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Errors | None = None,
    found: FoundUnit | None = None,
) -> str:
    kind, opinions = _type(case), case.opinions or {}
    shown = case.record if values is None else values
    at_fields = opinions.get("fields") or {}
    uscc = case.record.get("uscc")
    return render_template(
        "destination/form.html",
        **item(case, actor),
        kind=kind,
        groups=groups_of(kind, shown, errors, at_fields),
        proofs=proof_entries(kind, errors or {}, at_fields),
        files=photos.shown(case),
        photos_url=photos.address(case),
        errors=errors or {},
        labels=labels_of(kind),
        opinions=opinions,
        odd=warnings_of(case),
        looked_up=found is not None,
        **_found(found, kind, warning_for(uscc, actor, case.school_id) if uscc else None),
    )


def _type(case: Destination) -> DestinationType:
    kind = type_of(case.type)
    if kind is None:
        raise NotFound()
    return kind


def _files(case_id: int, actor: Actor) -> dict[str, Sequence[Any]]:
    """Files of a form that was sent without scripts; a refused one is told at its kind."""
    try:
        photos.take_sent(DESTINATION.name, case_id, actor=actor)
    except AppError as refusal:
        if refusal.status in (401, 403, 404):
            raise
        if isinstance(refusal, Invalid):
            return dict(refusal.errors)
        sent = [name.removeprefix("photo.") for name, file in request.files.items() if file.filename]
        return {sent[0] if sent else "": [refusal_text(refusal)]}
    return {}


def _missing(case: Destination) -> Errors:
    try:
        refuse_incomplete(case)
    except Invalid as refusal:
        return refusal.errors
    return {}


def _unit_sent(sent: Mapping[str, Any], actor: Actor, errors: dict[str, Sequence[Any]]) -> FoundUnit | None:
    try:
        return unit_of_credit_code(str(sent.get("uscc", "")), actor=actor)
    except AppError as refusal:
        errors["data.uscc"] = [refusal_text(refusal)]
        return None


def _take_over(sent: dict[str, Any], kind: DestinationType, found: FoundUnit | None) -> None:
    for name, value in ((found.facts if found else None) or {}).items():
        target = _OFFERED.get(name)
        if target and value and kind.field(target):
            sent[target] = value


def _found(found: FoundUnit | None, kind: DestinationType, warning: Any = None) -> dict[str, Any]:
    """The unit's data in words, as far as the type asks for them."""
    facts = (found.facts if found else None) or {}
    asked = [(name, kind.field(target)) for name, target in _OFFERED.items() if facts.get(name)]
    return {
        "unit_rows": [(field.label, kind_of(field).words(field, facts[name])) for name, field in asked if field],
        "warning": found.warning if found else warning,
    }
