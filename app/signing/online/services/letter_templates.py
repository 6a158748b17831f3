"""邀请函信息管理: named parts of the invitation letter, with a record of every change (R6.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from psycopg.errors import UniqueViolation
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app.access.actors import Actor, require
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, NotFound
from app.codes.forms import FormSchema, read
from app.employers.guards import verified_employer
from app.signing.online.forms import ArchiveTemplateForm, HukouTemplateForm, LetterTemplateForm, PositionTemplateForm
from app.signing.online.models import LetterTemplate, LetterTemplateChange

VIEW = "templates"
FORMS: dict[str, type[FormSchema]] = {
    "position": PositionTemplateForm,
    "archive": ArchiveTemplateForm,
    "hukou": HukouTemplateForm,
    "letter": LetterTemplateForm,
}


WHOLE = ("position", "archive", "hukou", "clauses")  # what a template of the whole letter holds


def parts_of(template: LetterTemplate) -> dict[str, Any]:
    """What the template says, by the part of the letter in which it stands."""
    return dict(template.data) if template.kind == "letter" else {template.kind: template.data}


def checked_kind(kind: str) -> str:
    """The part of the letter that an address names; raises NotFound."""
    if kind not in FORMS:
        raise NotFound()
    return kind


def templates_visible_to(actor: Actor, kind: str) -> Select[tuple[LetterTemplate]]:
    """The unit's templates of one part of the letter, by name."""
    query = select(LetterTemplate).where(in_scope(LetterTemplate, actor), LetterTemplate.kind == checked_kind(kind))
    return query.order_by(LetterTemplate.name, LetterTemplate.id)


def demand_reading(actor: Actor) -> None:
    """For pages and API: users of a verified unit whose role may read templates. Raises Forbidden, Conflict."""
    require(actor, "can_list", VIEW)
    verified_employer(actor)


def template_for(kind: str, template_id: int, *, actor: Actor, lock: bool = False) -> LetterTemplate:
    """One template of the own unit; raises NotFound."""
    query = templates_visible_to(actor, kind).where(LetterTemplate.id == template_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def create_template(kind: str, facts: Mapping[str, Any], *, actor: Actor) -> LetterTemplate:
    """Keep a new template. Called by users of a verified unit.

    Raises NotFound (kind), Forbidden, Conflict `unverified` or `name_taken`, Invalid.
    """
    checked_kind(kind)
    require(actor, "can_create", VIEW)
    unit = verified_employer(actor)
    name, data = _named(kind, facts)
    try:
        with transaction():
            template = LetterTemplate(employer_id=unit.id, kind=kind, name=name, data=data, updated_by=actor.name)
            session.add(template)
            session.flush()
            _note(template, "created", None, actor)
    except IntegrityError as error:
        raise _taken(error, name) from error
    return template


def change_template(kind: str, template_id: int, facts: Mapping[str, Any], *, actor: Actor) -> LetterTemplate:
    """Replace name and content; letters already written stay as they are. Raises as create_template."""
    name = ""
    try:
        with transaction():
            template = template_for(kind, template_id, actor=actor, lock=True)
            require(actor, "can_edit", VIEW)
            verified_employer(actor)
            name, data = _named(kind, facts)
            before = _content(template)
            template.name, template.data = name, data
            if _content(template) != before:
                template.updated_at, template.updated_by = clock.now(), actor.name
                session.flush()
                _note(template, "changed", before, actor)
    except IntegrityError as error:
        raise _taken(error, name) from error
    return template


def delete_template(kind: str, template_id: int, *, actor: Actor) -> None:
    """Take a template away; the record of its changes stays. Raises NotFound, Forbidden, Conflict `unverified`."""
    with transaction():
        template = template_for(kind, template_id, actor=actor, lock=True)
        require(actor, "can_delete", VIEW)
        verified_employer(actor)
        _note(template, "deleted", _content(template), actor)
        session.delete(template)


def history_of(kind: str, template_id: int, *, actor: Actor) -> Sequence[LetterTemplateChange]:
    """查看编辑记录, newest first; also of a deleted template. Raises NotFound, Forbidden."""
    query = select(LetterTemplateChange).where(
        in_scope(LetterTemplateChange, actor),
        LetterTemplateChange.template_id == template_id,
        LetterTemplateChange.kind == checked_kind(kind),
    )
    rows = list(session.scalars(query.order_by(LetterTemplateChange.id.desc())))
    if not rows:
        raise NotFound()
    require(actor, "can_list", VIEW)
    return rows


def is_kept(kind: str, data: Mapping[str, Any], *, actor: Actor) -> bool:
    """Whether the unit has a template with this content already, so that saving need not be offered."""
    wanted = _comparable(data)
    return any(_comparable(template.data) == wanted for template in session.scalars(templates_visible_to(actor, kind)))


def _named(kind: str, facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    clean = read(FORMS[kind], facts)
    name = clean.pop("name")
    return name, _kept(clean)


def _kept(clean: Mapping[str, Any]) -> dict[str, Any]:
    """As documents keep it: days as texts, in parts too."""
    return {
        field: _kept(value)
        if isinstance(value, Mapping)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else value
        for field, value in clean.items()
    }


def _content(template: LetterTemplate) -> dict[str, Any]:
    return {"name": template.name, **template.data}


def _comparable(data: Mapping[str, Any]) -> dict[str, Any]:
    """What makes two parts the same; the day to report for work is each letter's own."""
    kept = {name: _comparable(value) if isinstance(value, Mapping) else value for name, value in data.items()}
    return {name: value for name, value in kept.items() if value not in (None, "", False, {}) and name != "report_by"}


def _note(template: LetterTemplate, event: str, before: dict[str, Any] | None, actor: Actor) -> None:
    session.add(
        LetterTemplateChange(
            employer_id=template.employer_id,
            template_id=template.id,
            kind=template.kind,
            event=event,
            before=before,
            after=None if event == "deleted" else _content(template),
            actor_id=actor.user_id,
            actor=actor.name,
        )
    )
    session.flush()


def _taken(error: IntegrityError, name: str) -> Conflict:
    if not isinstance(error.orig, UniqueViolation):
        raise error
    return Conflict(
        _("There is already a template named “%(name)s”. Please choose another name.", name=name), "name_taken"
    )
