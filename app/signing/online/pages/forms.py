"""Templates in the form of the letter: chosen, filled in, offered to be kept."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.database import session
from app.base.errors import AppError
from app.signing.online.pages import letter_fields
from app.signing.online.services.letter_templates import (
    FORMS,
    WHOLE,
    create_template,
    is_kept,
    parts_of,
    template_for,
    templates_visible_to,
)
from app.web.numbers import row_id
from app.web.pages import refusal_text


def template_choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """The unit's templates by the part of the letter that they fill in (R6.5)."""
    found = {kind: list(session.scalars(templates_visible_to(actor, kind))) for kind in FORMS}
    return {kind: [(str(template.id), template.name) for template in rows] for kind, rows in found.items()}


def filled(letter: dict[str, Any], kind: str, actor: Actor) -> dict[str, Any]:
    """The letter with what the chosen template holds; what the template leaves open stays as it was."""
    chosen = request.form.get(f"template.{kind}", "")
    if not chosen:
        flash(_("Please choose a template by its name first."), "info")
        return letter
    template = template_for(kind, row_id(chosen), actor=actor)
    flash(_("Filled in from the template “%(name)s”.", name=template.name), "success")
    whole = {**letter}
    for part, data in parts_of(template).items():
        whole[part] = {**letter[part], **letter_fields.said(data)} if isinstance(data, dict) else data
    return whole


def offers(letter: dict[str, Any], actor: Actor) -> dict[str, str]:
    """Parts that no template holds yet, each with a name to save it under: 首次填写可保存为模板."""
    parts = {"position": letter["position"]["title"]}
    if letter["archive"].get("accept"):
        parts["archive"] = letter["archive"]["receiver"]
    if letter["hukou"].get("accept"):
        parts["hukou"] = letter["hukou"]["address"]
    offered = {kind: name[:64] for kind, name in parts.items() if not is_kept(kind, letter[kind], actor=actor)}
    if not is_kept("letter", {part: letter[part] for part in WHOLE}, actor=actor):
        offered["letter"] = letter["position"]["title"][:64]
    return offered


def save_templates(letter: dict[str, Any], actor: Actor) -> None:
    """Keep the parts that were ticked; a name that is taken is told and hinders no invitation."""
    for kind in FORMS:
        if request.form.get(f"save.{kind}") != "1":
            continue
        try:
            said = {part: letter[part] for part in WHOLE} if kind == "letter" else letter[kind]
            create_template(kind, {**said, "name": request.form.get(f"save_name.{kind}", "")}, actor=actor)
        except AppError as error:
            flash(_("The template was not saved: %(why)s", why=refusal_text(error)), "warning")
        else:
            flash(_("The template has been saved."), "success")
