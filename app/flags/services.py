"""预警单位管理: the only writers of schools' marks on units (R8.11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from psycopg.errors import UniqueViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access import audit
from app.access.actors import SCHOOL, Actor, require
from app.access.scope import in_scope
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid, NotFound, Stale
from app.codes.forms import sort_out
from app.flags.forms import WarningForm
from app.flags.models import UnitWarning
from app.flags.queries import MODULE, VIEW, subject_of
from app.workflow import outbox

MARKED = "unit_marked"  # the message by which a marked unit hears of it; who reads it knows the units
_FIELDS = ("uscc", "name", "kinds", "reason", "evidence", "until")


def add_warning(sent: Mapping[str, Any], *, actor: Actor) -> UnitWarning:
    """Mark a unit, registered or not; called by school accounts with 读写 on employment.

    `sent` has the fields of WarningForm. Raises Forbidden, Conflict `already_marked`, Invalid.
    """
    with transaction():
        require(actor, "can_create", VIEW, kinds=(SCHOOL,), module=MODULE)
        clean, errors = sort_out(WarningForm, sent)
        _is_not_marked(clean.get("uscc"), actor)
        if errors:
            raise Invalid(errors)
        marked = UnitWarning(**_tidy(clean), school_id=actor.school_id, created_by=actor.name)
        session.add(marked)
        _write()
        audit.record("warning_added", actor=actor, subject=subject_of(marked), detail={"after": _told(marked)})
        _tell_unit(marked)
    return marked


def change_warning(
    warning_id: int, sent: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> UnitWarning:
    """Change a mark of the own school; what is absent stays. `version` is the one the caller saw.

    Raises NotFound, Forbidden, Conflict (`stale`, `already_marked`), Invalid.
    """
    with transaction():
        marked = _own(warning_id, actor)
        require(actor, "can_edit", VIEW, kinds=(SCHOOL,), module=MODULE)
        if version is not None and version != marked.version:
            raise Stale()
        clean, errors = sort_out(WarningForm(partial=True), sent)
        if clean.get("uscc", marked.uscc) != marked.uscc:
            _is_not_marked(clean["uscc"], actor)
        if errors:
            raise Invalid(errors)
        before = _told(marked)
        changed = {name: value for name, value in _tidy(clean).items() if value != getattr(marked, name)}
        if changed:
            for name, value in changed.items():
                setattr(marked, name, value)
            marked.version, marked.updated_at = marked.version + 1, clock.now()
            _write()
            after = _told(marked)
            detail = {
                "before": {name: before[name] for name in changed},
                "after": {name: after[name] for name in changed},
            }
            audit.record("warning_changed", actor=actor, subject=subject_of(marked), detail=detail)
            if "uscc" in changed:
                _tell_unit(marked)
    return marked


def remove_warning(warning_id: int, *, actor: Actor) -> None:
    """Take a mark of the own school back; the audit trail keeps what it said. Raises NotFound, Forbidden."""
    with transaction():
        marked = _own(warning_id, actor)
        require(actor, "can_delete", VIEW, kinds=(SCHOOL,), module=MODULE)
        audit.record("warning_removed", actor=actor, subject=subject_of(marked), detail={"before": _told(marked)})
        session.delete(marked)
        session.flush()


def lift_warning(warning_id: int, *, actor: Actor) -> None:
    """The mark goes because an objection to it was upheld: whoever may uphold it has been asked by the workflow.

    In the caller's transaction; nothing happens where it has gone already.
    """
    marked = session.get(UnitWarning, warning_id, with_for_update=True, populate_existing=True)
    if marked is not None:
        detail = {"before": _told(marked), "objection": "upheld"}
        audit.record("warning_removed", actor=actor, subject=subject_of(marked), detail=detail)
        session.delete(marked)
        session.flush()


def _own(warning_id: int, actor: Actor) -> UnitWarning:
    query = select(UnitWarning).where(UnitWarning.id == warning_id, in_scope(UnitWarning, actor))
    marked = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if marked is None:
        raise NotFound()
    return marked


def _is_not_marked(uscc: str | None, actor: Actor) -> None:
    query = select(UnitWarning.id).where(UnitWarning.uscc == uscc, UnitWarning.school_id == actor.school_id)
    if uscc and session.scalar(query) is not None:
        raise _already_marked()


def _already_marked() -> Conflict:
    return Conflict(
        _("Your school has marked a unit with this credit code already. Please change that entry."), "already_marked"
    )


def _write() -> None:
    """Of two people marking the same unit at once one comes second."""
    try:
        session.flush()
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise _already_marked() from error


def _tidy(clean: Mapping[str, Any]) -> dict[str, Any]:
    tidy = {**clean, "kinds": sorted(set(clean["kinds"]))} if "kinds" in clean else dict(clean)
    return {**tidy, "evidence": tidy["evidence"] or None} if "evidence" in tidy else tidy


def _tell_unit(marked: UnitWarning) -> None:
    """Whoever works for the unit is told once of each mark, if the unit is known here."""
    outbox.post(MARKED, {"warning_id": marked.id, "uscc": marked.uscc}, key=f"{MARKED}:{marked.id}:{marked.version}")


def _told(marked: UnitWarning) -> dict[str, Any]:
    told = {name: getattr(marked, name) for name in _FIELDS}
    return {**told, "until": marked.until.isoformat() if marked.until else None}
