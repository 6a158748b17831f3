"""The engine: the only code that writes a state."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow.fields import Boolean
from psycopg.errors import UniqueViolation
from sqlalchemy import Select, bindparam, select
from sqlalchemy.exc import IntegrityError

from app.access import looks
from app.access.actors import SYSTEM, Actor, module_refusal
from app.access.scope import Reach, in_scope, reach_with
from app.base import clock
from app.base.database import apart, session, transaction
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Stale
from app.base.forms import read
from app.base.kept import Kept
from app.base.wording import joined
from app.workflow import events, history, outbox, registry, undo, waiting
from app.workflow.models import BareCaseMixin, History, OutboxMessage
from app.workflow.stages import Stage
from app.workflow.table import Context, Notice, Transition, Workflow


def fire(
    workflow_name: str,
    case_id: int,
    event: str,
    *,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Any:
    """Fire an event on a case and return the case in its new state.

    `version` is the one the caller saw; when the case has changed since, Conflict is raised. Raises, in this
    order: NotFound (not there, out of scope, or no such event), Forbidden (role or module permission), Conflict
    (state or rule), Invalid (fields). On any of them nothing is changed.
    """
    workflow = registry.get(workflow_name)
    fetched = _fetch(workflow, case_id, event, actor, data or {})
    try:
        with transaction():
            case = load(workflow, case_id, actor=actor, lock=True)
            context = Context(workflow, _row_for(workflow, case, event, actor), case, actor, dict(data or {}))
            context.fetched, context.sent = fetched, context.data
            _refuse_stale(case, version)
            with session.no_autoflush:  # the row is written once, when the effects have filled it in
                _check(context)
                with undo.window(workflow_name, case_id, event, actor, context.at):
                    _change(context)
                    _record([context])
                    for following in context.following:
                        case = fire(workflow_name, case_id, following, actor=SYSTEM)
    except IntegrityError as error:
        raise promise_broken(error) from error
    return case


def fire_together(workflow_name: str, cases: Sequence[Any], event: str, *, actor: Actor) -> None:
    """Fire an event that asks nothing on cases that the caller holds, in its transaction: a refusal refuses them all.

    All their history is added at the end, so that the chains are held no longer than for one. Raises as fire does,
    and IntegrityError.
    """
    workflow = registry.get(workflow_name)
    with session.no_autoflush:
        contexts = [Context(workflow, _row_for(workflow, case, event, actor), case, actor, {}) for case in cases]
        for context in contexts:
            context.sent = context.data
            _check(context)
            _alter(context)
        session.flush()
        for context in contexts:
            _tell_workflows(context)
        _record(contexts)
        for context in contexts:
            for following in context.following:
                fire(workflow_name, context.case.id, following, actor=SYSTEM)


def start(contexts: Sequence[Context[Any]]) -> None:
    """Put new cases into their first state, inside the caller's transaction, with history and messages."""
    for context in contexts:
        case = context.case
        _prove(context)
        _enter(context)
        case.created_at = case.updated_at = case.state_since = context.at
        _wait(context)
    session.add_all([context.case for context in contexts])
    session.flush()
    for context in contexts:
        _run_effects(context)
    _record(contexts)


def discard(case: BareCaseMixin, *, actor: Actor) -> None:
    """Remove a case that nobody but its author has ever seen, in the caller's transaction; its history stays and ends so.

    The caller holds the row and has checked that it may go.
    """
    gone = history.line(case, history.DISCARD, left=case.state, reached=history.DISCARDED, actor=actor, at=clock.now())
    history.append([gone])
    session.delete(case)
    session.flush()


def fire_many(
    workflow_name: str,
    case_ids: Iterable[int],
    event: str,
    *,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    versions: Mapping[int, int] | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Fire one event on many cases, each judged on its own (R8.15); one refusal harms no other.

    `versions` are those that the caller saw, where known. With `dry_run` each is really fired and then undone, so that
    the answer is the one that the call would give.
    """
    outcomes = []
    for case_id in case_ids:
        try:
            with apart():
                case = fire(
                    workflow_name, case_id, event, actor=actor, data=data, version=(versions or {}).get(case_id)
                )
                outcomes.append(Outcome(case_id, True, state=case.state, case=None if dry_run else case))
                if dry_run:
                    raise _DryRunError
        except _DryRunError:
            continue
        except AppError as error:
            outcomes.append(Outcome(case_id, False, code=error.code, message=_first_text(error)))
    return outcomes


class _DryRunError(Exception):
    """Ends the transaction of a dry run."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case in a bulk event."""

    id: int
    ok: bool
    state: str | None = None
    code: str | None = None
    message: str | None = None
    case: Any = None


def available(case: BareCaseMixin, actor: Actor) -> list[str]:
    """Names of the events that this actor may fire on this case now: buttons, menus, counts, the API's `events`."""
    return [transition.event for transition in available_transitions(case, actor)]


def available_transitions(case: BareCaseMixin, actor: Actor, *, but: Container[str] = frozenset()) -> list[Transition]:
    """The rows of the table that this actor may use on this case now, guards included; `but`: events not asked for."""
    workflow = registry.get(case.workflow_name)
    found = []
    for transition in workflow.leaving(case.state):
        if transition.event not in but and _permits(workflow, transition, actor):
            try:
                _guard(Context(workflow, transition, case, actor))
            except AppError:
                continue
            found.append(transition)
    return found


def load(workflow: Workflow, case_id: int, *, actor: Actor, lock: bool = False) -> Any:
    """The case if it is in the actor's scope and module, else NotFound or Forbidden.

    With `lock` the row is held until the transaction ends, so that of two people pressing at once one comes second.
    """
    model: Any = workflow.model
    reach, own = reach_with(actor)
    if lock:
        query = _one_case(model, reach).with_for_update(of=model).execution_options(populate_existing=True)
        case = session.scalar(query, {**own, "case": case_id})
    else:
        case = _case_to_read(model, reach).first({**own, "case": case_id})
    if case is None:
        raise NotFound()
    if not actor.reads(workflow.module):
        raise module_refusal(actor, workflow.module)
    if not actor.may("can_show", workflow.name):
        raise Forbidden()
    if not lock:
        looks.note(looks.READ, case)
    return case


@lru_cache(maxsize=512)
def _one_case(model: Any, reach: Reach) -> Select[Any]:
    """Put together once for all readers of a kind."""
    query = select(model).where(model.id == bindparam("case"), in_scope(model, reach.reader))
    return query.options(*eager_options(model))


@lru_cache(maxsize=512)
def _case_to_read(model: Any, reach: Reach) -> Kept:
    return Kept(_one_case(model, reach))


def eager_options(model: Any) -> tuple[Any, ...]:
    """What to load together with a case of this model, so that no page reads row by row."""
    return model.eager_options() if hasattr(model, "eager_options") else ()


def permits_creation(workflow: Workflow, actor: Actor) -> Transition:
    """The row by which this actor creates cases; raises Forbidden when there is none for the role."""
    own = [row for row in workflow.initial if actor.kind in row.who]
    for row in own:
        if _permits(workflow, row, actor):
            return row
    raise Forbidden() if not own or actor.writes(workflow.module) else module_refusal(actor, workflow.module)


def check_creation(context: Context[Any]) -> None:
    """Common guards and the guards of the creating row; raises Conflict."""
    _guard(context)


def check_common(workflow: Workflow, case: BareCaseMixin, actor: Actor) -> None:
    """What must hold before anything is done with a case, for services that change it without an event.

    The common guards of the table, e.g. that the graduate is on the roster; raises Conflict.
    """
    context = Context(workflow, workflow.transitions[0], case, actor)
    for guard in workflow.common_guards:
        guard(context)


def _fetch(workflow: Workflow, case_id: int, event: str, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the event asks another system for, before any row is held; nothing for nearly all events."""
    wanted = {
        name
        for row in workflow.named(event)
        for name in row.fetches
        if isinstance(data.get(name), bool | str | int) and data[name] in Boolean.truthy
    }
    if not wanted:
        return {}
    with transaction():
        case = load(workflow, case_id, actor=actor)
        row = _row_for(workflow, case, event, actor)
    return {name: fetch(case) for name, fetch in row.fetches.items() if name in wanted}


def _row_for(workflow: Workflow, case: BareCaseMixin, event: str, actor: Actor) -> Transition:
    rows = workflow.named(event)
    if not rows:
        raise NotFound(_("There is no such step in this workflow."), "unknown_event")
    own = [row for row in rows if _permits(workflow, row, actor)]
    if not own:
        never = all(actor.kind not in row.who for row in rows)
        raise Forbidden() if never else module_refusal(actor, workflow.module)
    for row in own:
        if case.state in row.sources:
            return row
    raise _wrong_state(workflow, case, own, actor)


def _wrong_state(workflow: Workflow, case: BareCaseMixin, rows: Sequence[Transition], actor: Actor) -> AppError:
    check_common(workflow, case, actor)
    for row in rows:
        if case.state in row.elsewhere:
            return Conflict(row.elsewhere[case.state], "wrong_state")
    return Conflict(
        _(
            "This record is now in the state “%(state)s”, so this step is not possible. "
            "Please reload the page and look at its progress.",
            state=workflow.label_of(case, actor),
        ),
        "wrong_state",
    )


def _permits(workflow: Workflow, transition: Transition, actor: Actor) -> bool:
    if actor.kind not in transition.who:
        return False
    return actor.is_system or (actor.writes(workflow.module) and actor.may(f"can_{transition.event}", workflow.name))


def _refuse_stale(case: BareCaseMixin, version: int | None) -> None:
    if version is not None and version != case.version:
        raise Stale()


def _guard(context: Context[Any]) -> None:
    common = () if context.transition.anyhow else context.workflow.common_guards
    for guard in (*common, *context.transition.guards):
        guard(context)


def _check(context: Context[Any]) -> None:
    _guard(context)
    if context.transition.form is not None:
        context.data = read(context.transition.form, context.data)
    if context.transition.prepare is not None:
        context.data = context.transition.prepare(context)
    _prove(context)


def _prove(context: Context[Any]) -> None:
    if context.transition.proof is not None:
        context.proof = context.transition.proof(context)


def _change(context: Context[Any]) -> None:
    _alter(context)
    session.flush()
    _tell_workflows(context)


def _alter(context: Context[Any]) -> None:
    case = context.case
    context.origin = case.state
    _enter(context)
    case.version += 1
    case.updated_at = context.at
    if case.state != context.origin:
        case.state_since = context.at
        _wait(context)
    _run_effects(context)


def _tell_workflows(context: Context[Any]) -> None:
    """Others follow what was in force and is not any more, or hear of every change of it."""
    left = context.workflow.state(str(context.origin)).stage
    if Stage.IN_FORCE not in (left, context.case.stage):
        return
    for other in registry.all_workflows():
        if left != context.case.stage and left == Stage.IN_FORCE and context.workflow.name in other.follows:
            other.follows[context.workflow.name](context)
        if other.hears is not None and other is not context.workflow:
            other.hears(context)


def _enter(context: Context[Any]) -> None:
    """Write the state to which the row leads, and what the table says of it; the only place where they are written."""
    case, target = context.case, context.transition.target
    case.state = target if isinstance(target, str) else target.pick(context)
    entered = context.workflow.state(case.state)
    case.stage, case.waits_for = entered.stage, entered.waits_for


def _wait(context: Context[Any]) -> None:
    waiting.enter(context.case, context.workflow.state(context.case.state).due, context.at)


def _run_effects(context: Context[Any]) -> None:
    for effect in context.transition.effects:
        effect(context)
    for notice in context.transition.notices:
        context.post("notice", _told(notice))


def _told(notice: Notice) -> dict[str, Any]:
    return {"template": notice.template, "to": list(notice.to), **({"gentle": True} if notice.gentle else {})}


def _record(contexts: Sequence[Context[Any]]) -> None:
    history.append([_history_row(context) for context in contexts])
    outbox.post_all([message for context in contexts for message in (*_messages(context), events.message_of(context))])
    session.flush()


def _history_row(context: Context[Any]) -> History:
    case, actor, data = context.case, context.actor, context.data
    return history.line(
        case,
        context.transition.event,
        left=context.origin,
        reached=case.state,
        actor=actor,
        at=context.at,
        reason=data.get("reason") or data.get("explanation") or data.get("note") or data.get("text"),
        detail={name: data[name] for name in context.transition.keeps if data.get(name)} | context.kept,
        proof=context.proof,
    )


def _messages(context: Context[Any]) -> list[OutboxMessage]:
    case, name = context.case, context.workflow.name
    return [
        OutboxMessage(
            kind=message["kind"],
            payload={
                "event": context.transition.event,
                "workflow": name,
                "case_id": case.id,
                **message["payload"],
            },
            order_key=message["order_key"],
            key=f"{name}:{case.id}:{case.version}:{position}",
            workflow=name,
            case_id=case.id,
        )
        for position, message in enumerate(context.messages)
    ]


def promise_broken(error: IntegrityError) -> AppError:
    """The refusal to show when a unique index kept a promise that a race got past the guards.

    Any other broken constraint is a fault of the program: the error is raised again.
    """
    if not isinstance(error.orig, UniqueViolation):
        raise error
    return Conflict(_("Somebody else was quicker. Please reload the page and look at the present state."), "raced")


def _first_text(error: AppError) -> str:
    if isinstance(error, Invalid):
        return joined(text for texts in error.errors.values() for text in texts) or error.message
    return error.message
