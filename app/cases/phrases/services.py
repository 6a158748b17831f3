"""The only writers of schools' own phrases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import SCHOOL, Actor, require
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid
from app.cases.phrases import queries
from app.cases.phrases.forms import PhraseForm, PhraseTextForm
from app.cases.phrases.models import Phrase
from app.cases.phrases.queries import MOST, VIEW, phrase_visible_to
from app.codes.forms import sort_out


def may_keep(workflow_module: str, actor: Actor) -> bool:
    """Whether this reader may change the school's phrases for records of the module."""
    return actor.kind == SCHOOL and actor.writes(workflow_module) and actor.may("can_create", VIEW)


def add_phrase(sent: Mapping[str, Any], *, actor: Actor) -> Phrase:
    """Keep words for a verdict; words that are kept already are given back as they are.

    Called by school accounts with 读写 on the module of the workflow. Raises Forbidden, Conflict `too_many`, Invalid.
    """
    with transaction():
        require(actor, "can_create", VIEW, kinds=(SCHOOL,))
        clean, errors = sort_out(PhraseForm, sent)
        known = {(workflow.name, event): workflow for workflow, event in queries.verdicts()}
        workflow = known.get((clean.get("workflow", ""), clean.get("event", "")))
        if workflow is None and not errors.keys() & {"workflow", "event"}:
            errors["event"] = [_("No reason is written for this step. Please choose from the list.")]
        if errors or workflow is None:
            raise Invalid(errors)
        require(actor, "can_create", VIEW, kinds=(SCHOOL,), module=workflow.module)
        _refuse_too_many(clean, actor)
        values = {**clean, "school_id": actor.school_id, "created_by": actor.name}
        names = ("school_id", "workflow", "event", "field", "text")
        session.execute(insert(Phrase).values(values).on_conflict_do_nothing(index_elements=names))
        same = [getattr(Phrase, name) == values[name] for name in names]
        return session.scalars(select(Phrase).where(*same)).one()


def change_phrase(phrase_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Phrase:
    """Put other words in the place of a phrase of the own school. Raises NotFound, Forbidden, Conflict, Invalid."""
    with transaction():
        phrase = _own(phrase_id, "can_edit", actor)
        clean, errors = sort_out(PhraseTextForm, {"text": sent.get("text")})
        if errors:
            raise Invalid(errors)
        same = [getattr(Phrase, name) == getattr(phrase, name) for name in ("school_id", "workflow", "event", "field")]
        other = select(Phrase.id).where(*same, Phrase.text == clean["text"], Phrase.id != phrase.id)
        if session.scalar(other) is not None:
            raise Conflict(_("Your school keeps these words already."), "already_kept")
        phrase.text = clean["text"]
        session.flush()
    return phrase


def remove_phrase(phrase_id: int, *, actor: Actor) -> None:
    """Forget a phrase of the own school; verdicts that used it keep their words. Raises NotFound, Forbidden."""
    with transaction():
        session.delete(_own(phrase_id, "can_delete", actor))
        session.flush()


def _own(phrase_id: int, permission: str, actor: Actor) -> Phrase:
    phrase = phrase_visible_to(actor, phrase_id, lock=True)
    require(actor, permission, VIEW, kinds=(SCHOOL,))
    return phrase


def _refuse_too_many(clean: Mapping[str, Any], actor: Actor) -> None:
    kept = select(func.count()).where(
        Phrase.school_id == actor.school_id,
        Phrase.workflow == clean["workflow"],
        Phrase.event == clean["event"],
        ~((Phrase.field == clean["field"]) & (Phrase.text == clean["text"])),
    )
    if (session.scalar(kept) or 0) >= MOST:
        raise Conflict(
            _("A school keeps at most %(most)s phrases for one step. Please remove one first.", most=MOST), "too_many"
        )
