"""The only writer of assignments."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, Row, case, delete, func, literal, null, select, true
from sqlalchemy.dialects.postgresql import insert

from app.access import audit, devices
from app.access.actors import Actor, load_actor, require
from app.access.scope import in_scope
from app.access.usernames import account_named
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import AppError, Conflict, Invalid, NotFound, TooLarge, Unauthenticated
from app.cases.assignments.models import Assignment
from app.cases.assignments.queries import ASSIGN, OFFICES, VIEW, among, assigned_among, count_assigned, decides
from app.cases.queries import waiting_states
from app.cases.views.queries import place_of
from app.workflow import outbox, registry
from app.workflow.engine import Outcome
from app.workflow.table import Workflow

MOST = 10_000
ASSIGNED, GIVEN_BACK = "assigned", "given_back"
_LOCK = 0x0DE5  # of one office two do not assign at the same moment
_LINES = 1000

Held = Mapping[int, tuple[int, str]]


def assign(
    workflow_name: str,
    case_ids: Sequence[int],
    to: int | str | None,
    *,
    actor: Actor,
    seen: Mapping[int, int | None] | None = None,
) -> list[Outcome]:
    """Let a colleague look after records that wait for the office, or nobody; each record is judged on its own.

    It keeps nobody else from deciding. `to` is the colleague's user or user name; they are told once, however many there
    are. `seen` says with whom the caller saw each record: one that somebody has given to
    another since is left as it is. Raises NotFound (no such workflow), Forbidden, TooLarge, Invalid (no such colleague).
    """
    table = registry.get(workflow_name)
    require(actor, ASSIGN, VIEW, kinds=OFFICES, module=table.module)
    if len(case_ids) > MOST:
        raise TooLarge(_("At most %(most)s records can be handled at once.", most=MOST))
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(f"{actor.kind} {place_of(actor)}"))))
        colleague = _colleague(to, actor) if to is not None else None
        facts = _facts(table.model, actor, colleague).where(among(table.model.id, case_ids))
        rows = {row.id: row for row in session.execute(facts)}
        held = assigned_among(table.model, case_ids, actor)
        outcomes = [_judged(table, one, rows.get(one), colleague, actor, held, seen or {}) for one in case_ids]
        done = [rows[one.id] for one in outcomes if one.ok]
        _write(table, done, colleague, actor)
        _note(table, done, held, colleague, actor)
        if colleague is not None and any(held.get(row.id, (None,))[0] != colleague.user_id for row in done):
            _tell(table, colleague, actor)
    return outcomes


def _colleague(to: int | str, actor: Actor) -> Actor:
    """Somebody of the same kind and place whose account is open; raises Invalid."""
    named = account_named(to) if isinstance(to, str) else None
    try:
        found = load_actor(to) if isinstance(to, int) else load_actor(named.user_id) if named else None
    except Unauthenticated:
        found = None
    if found is None or (found.kind, place_of(found)) != (actor.kind, place_of(actor)):
        raise Invalid({"to": [_("Please choose a colleague of your own office whose account is in use.")]})
    return found


def _facts(model: Any, actor: Actor, colleague: Actor | None) -> Any:
    theirs = case((in_scope(model, colleague), True), else_=False) if colleague else true()
    columns = (model.id, model.state, model.state_since, model.invalid_since)
    place = [getattr(model, name, null()).label(name) for name in ("province_id", "school_id", "graduate_id")]
    return select(*columns, *place, theirs.label("theirs")).where(in_scope(model, actor))


def _judged(
    table: Workflow,
    case_id: int,
    row: Row[Any] | None,
    colleague: Actor | None,
    actor: Actor,
    held: Held,
    seen: Mapping[int, int | None],
) -> Outcome:
    now = held.get(case_id)
    refusal: AppError | None = None
    if row is None:
        refusal = NotFound()
    elif row.state not in waiting_states(table, actor) or row.invalid_since is not None:
        refusal = Conflict(_("It does not wait for your office now, so there is nobody to give it to."), "not_waiting")
    elif case_id in seen and (now and now[0]) != seen[case_id]:
        refusal = _meanwhile(now)
    elif colleague is not None and not _may_review(table, row, colleague):
        name = colleague.name
        refusal = Conflict(
            _("%(name)s cannot decide it: their account does not cover this level or step.", name=name), "cannot_review"
        )
    if refusal is not None:
        return Outcome(case_id, False, code=refusal.code, message=str(refusal.message))
    return Outcome(case_id, True, state=row.state if row is not None else None)


def _meanwhile(now: tuple[int, str] | None) -> Conflict:
    if now is None:
        return Conflict(_("Somebody has given it back meanwhile. Please look at the list again."), "assigned_meanwhile")
    return Conflict(
        _("It has been assigned to %(name)s meanwhile. Please look at the list again.", name=now[1]),
        "assigned_meanwhile",
    )


def _may_review(table: Workflow, row: Row[Any], colleague: Actor) -> bool:
    writes = colleague.writes(table.module)
    return bool(row.theirs and writes and decides(table, row.state, colleague.kind, colleague.permissions))


def _write(table: Workflow, done: Sequence[Row[Any]], colleague: Actor | None, actor: Actor) -> None:
    model: Any = table.model
    ids = [row.id for row in done]
    mine = (Assignment.workflow == table.name, Assignment.kind == actor.kind)
    if colleague is None or not ids:
        session.execute(delete(Assignment).where(*mine, among(Assignment.case_id, ids)))
        return
    values = {
        "user_id": literal(colleague.user_id),
        "kind": literal(actor.kind),
        "place_id": literal(place_of(actor), BigInteger),
        "assigned_by": literal(actor.name),
        "at": literal(clock.now()),
    }
    rows = select(literal(table.name), model.id, model.state_since, *values.values())
    names = ["workflow", "case_id", "state_since", *values]
    statement = insert(Assignment).from_select(names, rows.where(among(model.id, ids)))
    new = {name: statement.excluded[name] for name in ("state_since", *values)}
    session.execute(statement.on_conflict_do_update(index_elements=["workflow", "case_id", "kind"], set_=new))


def _note(table: Workflow, done: Sequence[Row[Any]], held: Held, colleague: Actor | None, actor: Actor) -> None:
    """A line of the trail for each record whose reviewer is another now."""
    action, name = (ASSIGNED, colleague.name) if colleague else (GIVEN_BACK, "")
    whom = colleague.user_id if colleague else None
    changed = [row for row in done if held.get(row.id, (None,))[0] != whom]
    for start in range(0, len(changed), _LINES):
        audit.write(
            [
                audit.line_of(
                    action,
                    actor=actor,
                    subject=f"{table.name} {row.id}",
                    detail={"from": held.get(row.id, (0, ""))[1], "to": name},
                    about=row,
                )
                for row in changed[start : start + _LINES]
            ]
        )


def _tell(table: Workflow, colleague: Actor, actor: Actor) -> None:
    """One notice for all that wait with the colleague in this list; an unread one of before gives way to it."""
    if colleague.user_id == actor.user_id:
        return
    facts = {"kind": str(table.label), "by": actor.name, "count": str(count_assigned(table, colleague))}
    payload = {"template": "records_assigned", "user_id": colleague.user_id, "reader": colleague.kind, "facts": facts}
    key = f"assigned:{secrets.token_hex(12)}"
    outbox.post(devices.NOTICE, {**payload, "instead": True}, key=key, workflow=table.name)
