"""How a case is begun and changed by its author, and a verdict taken back, the same in every workflow.

First what exists for the reader (404), then who may do it (403), then the rules (409), then the fields (422).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import delete, exists, literal, or_, select
from sqlalchemy.exc import IntegrityError

from app.access import audit
from app.access.actors import STAFF, Actor
from app.base import clock
from app.base.database import apart, session, transaction
from app.base.errors import AppError, Conflict, Forbidden, NotFound, Stale
from app.base.forms import read
from app.cases.models import CaseMixin
from app.documents.models import StoredFile
from app.roster.models import Graduate
from app.workflow import engine, history, registry, undo
from app.workflow.models import Undo, UndoImage
from app.workflow.stages import Stage
from app.workflow.table import Context, Label, Transition, Workflow

Body = Mapping[str, Any]


class Write(Protocol):
    """Put what was sent into the case; with `whole` it is handed in next, so that all that is missing may be told."""

    def __call__(self, case: Any, body: Body, *, actor: Actor, whole: bool) -> None:
        """Raises Conflict (rules that depend on what was sent) and Invalid."""


def _closed(case: Any) -> Label:
    return _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result.")


@dataclass(frozen=True)
class Writing:
    """What a workflow says of the writing of its cases; part of its declaration."""

    form: type[Schema]  # the body, for its description
    write: Write
    open: Callable[[Body, Actor], Any]  # a new case of whom or what the body and the actor name, not yet begun
    # Raises NotFound where the record that the case is about is none of the actor's: that comes before "not for you".
    find: Callable[[Body, Actor], Any] = lambda body, actor: None
    hand_in: str = "submit"  # the event that lays it before somebody; "" where beginning does that already
    closed: Callable[[Any], Label] = _closed  # why a case cannot be changed any more


def begin_case(workflow_name: str, body: Body, *, actor: Actor, submit: bool = True) -> Any:
    """Begin a case, and hand it in unless `submit` is False: then it stays a draft, checked for kinds and codes only.

    For whom the table lets create. Raises NotFound (what the case is about), Forbidden, Conflict (rules; with `submit`
    also those of handing in), Invalid (fields, with `submit` also missing ones). Then nothing is kept.
    """
    workflow = registry.get(workflow_name)
    writing: Writing = workflow.writing
    hand_in = writing.hand_in if submit else ""
    try:
        with transaction():
            writing.find(body, actor)
            row = engine.permits_creation(workflow, actor)
            case = writing.open(body, actor)
            for step in (row, *_handing_in(workflow, row, hand_in)):
                engine.check_creation(Context(workflow, step, case, actor))
            data = read(row.form, body) if row.form else {}
            writing.write(case, data if row.form else body, actor=actor, whole=bool(hand_in))
            engine.start([Context(workflow, row, case, actor, data)])
            if hand_in:
                case = engine.fire(workflow_name, case.id, hand_in, actor=actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return case


def edit_case(workflow_name: str, case_id: int, body: Body, *, actor: Actor, version: int | None = None) -> Any:
    """Write a case anew that is with its author: a draft, or one that was sent back (R7.10).

    What a reviewer found wrong stays beside it until it is handed in again. `version` is the one the author saw. Raises
    NotFound, Forbidden, Conflict (common rules, `wrong_state`, `stale`, rules of the room), Invalid.
    """
    workflow = registry.get(workflow_name)
    with transaction():
        case = engine.load(workflow, case_id, actor=actor, lock=True)
        refuse_edit(case, actor)
        if version is not None and version != case.version:
            raise Stale()
        workflow.writing.write(case, body, actor=actor, whole=False)
        case.version += 1
        case.updated_at = clock.now()
    return case


def refuse_edit(case: Any, actor: Actor) -> None:
    """Raise Forbidden or Conflict unless this actor may change what was typed in this case now."""
    workflow = registry.get(case.workflow_name)
    engine.permits_creation(workflow, actor)
    engine.check_common(workflow, case, actor)
    if not is_editable(case):
        raise Conflict(workflow.writing.closed(case), "wrong_state")


def discard_case(workflow_name: str, case_id: int, *, actor: Actor, version: int | None = None) -> None:
    """Throw a draft away with its files: for its author, as long as it was never handed in. Its history ends with that.

    What was handed in once and taken back stays, as others have seen it. Raises NotFound, Forbidden, Conflict
    (`wrong_state`, `handed_in`, `stale`, `objected`).
    """
    workflow = registry.get(workflow_name)
    with transaction():
        case = engine.load(workflow, case_id, actor=actor, lock=True)
        engine.permits_creation(workflow, actor)
        if version is not None and version != case.version:
            raise Stale()
        refuse_discard(case)
        session.execute(delete(StoredFile).where(StoredFile.workflow == workflow_name, StoredFile.case_id == case_id))
        engine.discard(case, actor=actor)
        audit.record(history.DISCARD, actor=actor, subject=f"{workflow_name} {case_id}", about=case)


def refuse_discard(case: Any) -> None:
    """Raise Conflict unless this is a draft that nobody else has seen."""
    workflow = registry.get(case.workflow_name)
    if case.stage != Stage.DRAFT or not has_drafts(workflow):
        raise Conflict(
            _("Only a draft can be deleted. Please withdraw this first, or wait for the result."), "wrong_state"
        )
    begun = {row.event for row in workflow.initial}
    if any(row.event not in begun for row in history.of_case(case.workflow_name, case.id)):
        raise Conflict(
            _("This was handed in once, so it stays with its history. You can change it and hand it in again."),
            "handed_in",
        )
    for other in registry.all_workflows():
        model: Any = other.model
        if hasattr(model, "about_id"):
            about = select(model.id).where(model.about == case.workflow_name, model.about_id == case.id)
            if session.scalar(about.limit(1)) is not None:
                raise Conflict(_("You have objected to this record, so it stays with its history."), "objected")


def has_drafts(workflow: Workflow) -> bool:
    """Whether graduates keep drafts in this workflow, which they may throw away."""
    written = workflow.writing is not None and hasattr(workflow.model, "graduate_id")
    return written and bool(workflow.states_in(Stage.DRAFT))


def is_discardable(case: Any, actor: Actor) -> bool:
    """Whether this actor could throw the case away now."""
    try:
        engine.permits_creation(registry.get(case.workflow_name), actor)
        refuse_discard(case)
    except (Conflict, Forbidden):
        return False
    return True


def is_editable(case: Any) -> bool:
    """Whether what was typed can still be changed: it is with its author, and the author is on the roster."""
    return registry.get(case.workflow_name).state(case.state).editable and case.invalid_since is None


def own_graduate(actor: Actor) -> Graduate:
    """The roster row with which the actor acts, held so that a removal at the same moment finds the new case."""
    return held_graduate(actor.graduate_id or 0)


def held_graduate(graduate_id: int) -> Graduate:
    """A roster row with what cases need of it, held until the transaction ends. Raises NotFound."""
    query = select(Graduate).where(Graduate.id == graduate_id).options(*Graduate.eager_options())
    graduate = session.scalar(query.with_for_update(read=True, of=Graduate).execution_options(populate_existing=True))
    if graduate is None:
        raise NotFound()
    return graduate


def held_record(workflow_name: str, sent: Any, actor: Actor) -> Any | None:
    """The record that a body names, held until the transaction ends: of two who begin about it at once one comes second.

    None for what can be no id, which is told with the fields. Raises NotFound.
    """
    if isinstance(sent, bool) or not isinstance(sent, int):
        return None
    if not 0 < sent < 2**63:
        raise NotFound()
    return engine.load(registry.get(workflow_name), sent, actor=actor, lock=True)


def _handing_in(workflow: Workflow, begun: Transition, event: str) -> tuple[Transition, ...]:
    """The row by which a case goes on that has just been begun."""
    return tuple(row for row in workflow.named(event) if set(begun.targets) & set(row.sources))


def undo_verdict(workflow_name: str, case_id: int, *, actor: Actor) -> Any:
    """Put the case, and whatever else the verdict changed, back as it was; return the case.

    No number, no notice, no report is left of it but a line of the history. Raises NotFound, Forbidden (not staff, or
    somebody else's verdict), Conflict `too_late`.
    """
    workflow = registry.get(workflow_name)
    try:
        with transaction():
            case = engine.load(workflow, case_id, actor=actor, lock=True)
            if actor.kind not in STAFF:
                raise Forbidden()
            window, images = undo.window_of(case)
            if window.user_id != actor.user_id:
                raise Forbidden(_("Only the person who has decided can take it back."))
            _refuse_built_on(case, window, images)
            left = {key: _state_of(*key) for key in _cases_in(images)}
            undo.take_back(window, images)
            for (name, number), (state, version) in left.items():
                _tell(name, number, state, version, window, actor)
            return engine.load(workflow, case_id, actor=actor)
    except IntegrityError as error:
        engine.promise_broken(error)
        raise undo.too_late() from error


def undo_many(workflow_name: str, case_ids: Sequence[int], *, actor: Actor) -> list[engine.Outcome]:
    """Take back my verdicts on many cases, each judged on its own; one that cannot be taken back harms no other."""
    outcomes = []
    for case_id in case_ids:
        try:
            with apart():
                case = undo_verdict(workflow_name, case_id, actor=actor)
            outcomes.append(engine.Outcome(case_id, True, state=case.state))
        except AppError as error:
            outcomes.append(engine.Outcome(case_id, False, code=error.code, message=error.message))
    return outcomes


def _cases_in(images: list[UndoImage]) -> set[tuple[str, int]]:
    tables = {flow.model.__tablename__: flow.name for flow in registry.all_workflows()}  # type: ignore[attr-defined]
    return undo.affected(images, tables)


def _state_of(name: str, case_id: int) -> tuple[str, int]:
    case = session.get_one(registry.get(name).model, case_id)
    return case.state, case.version


def _tell(name: str, case_id: int, left: str, version: int, window: Undo, actor: Actor) -> None:
    """A line in the history, and a version that nobody has seen."""
    case = session.get_one(registry.get(name).model, case_id)
    case.version, case.updated_at = version + 1, clock.now()
    undone = [row.id for row in history.of_case(name, case_id) if row.at >= window.at]
    line = history.line(
        case, history.UNDO, left=left, reached=case.state, actor=actor, at=clock.now(), detail={"undone": undone}
    )
    history.append([line])
    session.flush()


def _refuse_built_on(case: CaseMixin, window: Undo, images: list[UndoImage]) -> None:
    """Raise Conflict where the graduate, or the unit of a case without one, has gone on with something else since.

    The graduate's row is held: whoever begins something for them waits, and then finds the record as it was.
    """
    owner = "graduate_id" if getattr(case, "graduate_id", None) else "employer_id"
    number = getattr(case, owner, None)
    if number is None:
        return
    if owner == "graduate_id":
        session.execute(select(Graduate.id).where(Graduate.id == number).with_for_update())
    own = _cases_in(images)
    others = []
    for flow in registry.all_workflows():
        model: Any = flow.model
        if hasattr(model, owner):
            mine = [key for name, key in own if name == flow.name]
            others.append(
                exists(
                    select(literal(1)).where(
                        getattr(model, owner) == number, model.updated_at > window.at, model.id.not_in(mine)
                    )
                )
            )
    if session.scalar(select(or_(*others))):
        raise undo.too_late()
