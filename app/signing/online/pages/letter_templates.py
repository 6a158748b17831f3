"""邀请函信息管理: the unit's templates for the parts of the invitation letter, and who changed them (R6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.actors import EMPLOYER, Actor
from app.base.errors import AppError, Conflict, Invalid
from app.signing.online.models import LetterTemplate
from app.signing.online.pages import letter_fields
from app.signing.online.pages.words import compared, gist, rows_of
from app.signing.online.services.letter_templates import (
    WHOLE,
    change_template,
    checked_kind,
    create_template,
    delete_template,
    demand_reading,
    history_of,
    parts_of,
    template_for,
    templates_visible_to,
)
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.paging import page_of
from app.web.shell import contribute

blueprint = Blueprint("templates", __name__, url_prefix="/employer/templates")


@contribute
def frame(actor: Actor) -> dict[str, Any]:
    """The place in the unit's navigation."""
    return {"urls": {"templates": url_for("templates.show")}} if actor.kind == EMPLOYER else {}


@blueprint.get("")
@page_access(EMPLOYER)
def show() -> str:
    """One tab a part of the letter."""
    actor, kind = current_actor(), checked_kind(request.args.get("kind", "position"))
    demand_reading(actor)
    page = page_of(templates_visible_to(actor, kind))
    return render_template(
        "signing/templates.html",
        kind=kind,
        tabs=[(one, label, url_for("templates.show", kind=one), None) for one, label in kind_labels().items()],
        page=page,
        rows=[{"template": template, "gist": gist(template)} for template in page.rows],
    )


@blueprint.get("/<kind>/new")
@page_access(EMPLOYER)
def write(kind: str) -> str:
    """An empty template."""
    demand_reading(current_actor())
    taken = {f"{kind}.accept": "1"} if kind in ("archive", "hukou") else {}  # who writes such a template takes it
    return _form(checked_kind(kind), taken, None)


@blueprint.post("/<kind>")
@page_access(EMPLOYER)
def create(kind: str) -> ResponseReturnValue:
    """Keep a new template."""
    try:
        template = create_template(kind, _facts(kind), actor=current_actor())
    except (Invalid, Conflict) as error:
        return _refused(kind, None, error)
    flash(_("The template has been saved."), "success")
    return redirect(url_for("templates.view", kind=kind, template_id=template.id))


@blueprint.get("/<kind>/<template_id>")
@page_access(EMPLOYER)
def view(kind: str, template_id: str) -> str:
    """What the template holds, and its record of changes."""
    actor = current_actor()
    template = template_for(kind, row_id(template_id), actor=actor)
    demand_reading(actor)
    return render_template("signing/template.html", template=template, rows=rows_of(kind, template.data), kind=kind)


@blueprint.get("/<kind>/<template_id>/said")
@page_access(EMPLOYER)
def said(kind: str, template_id: str) -> Response:
    """What the template holds, by the fields of the letter: for the script that fills them in."""
    actor = current_actor()
    template = template_for(kind, row_id(template_id), actor=actor)
    demand_reading(actor)
    return jsonify(letter_fields.flat(parts_of(template), whole=False))


@blueprint.get("/<kind>/<template_id>/edit")
@page_access(EMPLOYER)
def edit(kind: str, template_id: str) -> str:
    """The template's fields to be changed."""
    template = template_for(kind, row_id(template_id), actor=current_actor())
    return _form(kind, {"name": template.name, **_flat(kind, template.data)}, template)


@blueprint.post("/<kind>/<template_id>/edit")
@page_access(EMPLOYER)
def change(kind: str, template_id: str) -> ResponseReturnValue:
    """Replace name and content."""
    actor = current_actor()
    try:
        change_template(kind, row_id(template_id), _facts(kind), actor=actor)
    except (Invalid, Conflict) as error:
        return _refused(kind, template_for(kind, row_id(template_id), actor=actor), error)
    flash(_("The template has been changed. Letters already sent stay as they are."), "success")
    return redirect(url_for("templates.view", kind=kind, template_id=template_id))


@blueprint.post("/<kind>/<template_id>/delete")
@page_access(EMPLOYER)
def delete(kind: str, template_id: str) -> ResponseReturnValue:
    """Take the template away."""
    delete_template(kind, row_id(template_id), actor=current_actor())
    flash(_("The template has been deleted."), "success")
    return redirect(url_for("templates.show", kind=kind))


@blueprint.get("/<kind>/<template_id>/history")
@page_access(EMPLOYER)
def history(kind: str, template_id: str) -> str:
    """查看编辑记录: before and after, who and when."""
    changes = history_of(kind, row_id(template_id), actor=current_actor())
    newest = changes[0].after or changes[0].before or {}
    return render_template(
        "signing/template_history.html",
        kind=kind,
        name=newest.get("name", ""),
        changes=[{"change": change, "event": _events()[change.event], "rows": compared(change)} for change in changes],
    )


def kind_labels() -> dict[str, str]:
    """The tabs."""
    return {
        "position": _("Positions"),
        "archive": _("Archive details"),
        "hukou": _("Hukou details"),
        "letter": _("Whole letters"),
    }


def _events() -> dict[str, str]:
    return {"created": _("Added"), "changed": _("Changed"), "deleted": _("Deleted")}


def _facts(kind: str) -> dict[str, Any]:
    letter = letter_fields.letter_of(request.form)
    said = {part: letter[part] for part in WHOLE} if checked_kind(kind) == "letter" else letter[kind]
    return {**said, "name": request.form.get("name", "")}


def _flat(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return letter_fields.flat(data if kind == "letter" else {kind: data}, whole=False)


def _refused(kind: str, template: LetterTemplate | None, error: AppError) -> ResponseReturnValue:
    if isinstance(error, Invalid):
        errors = {
            name if name == "name" or kind == "letter" else f"{kind}.{name}": texts
            for name, texts in error.errors.items()
        }
    elif error.code == "name_taken":
        errors = {"name": [error.message]}
    else:
        raise error
    return _form(kind, request.form, template, errors), error.status


def _form(
    kind: str, values: Mapping[str, Any], template: LetterTemplate | None, errors: dict[str, list[Any]] | None = None
) -> str:
    place = url_for("templates.create", kind=kind)
    if template is not None:
        place = url_for("templates.change", kind=kind, template_id=template.id)
    return render_template(
        "signing/template_form.html",
        kind=kind,
        template=template,
        place=place,
        values=values,
        errors=errors or {},
        labels={**letter_fields.labels(), "name": _("Name of the template")},
        options=letter_fields.options(),
    )
