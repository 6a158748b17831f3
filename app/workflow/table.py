"""What a workflow is made of: states, transitions, guards, effects. Data only; engine.py runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from marshmallow import Schema

from app.access.actors import Actor
from app.base import clock
from app.workflow.models import BareCaseMixin
from app.workflow.stages import AUTHORED, OVER, TONES, Stage
from app.workflow.waiting import Due, usual

Label = Any  # a lazily translated string
C = TypeVar("C", covariant=True)  # what holds for every case holds for one of a table


@dataclass
class Context(Generic[C]):
    """One event being fired: what guards and effects may look at, and where they leave messages."""

    workflow: Workflow
    transition: Transition
    case: C
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=clock.now)
    origin: str | None = None  # the state that the event left
    messages: list[dict[str, Any]] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)  # read once per event, e.g. the school's settings
    fetched: Mapping[str, Any] = field(default_factory=dict)  # what Transition.fetches brought
    sent: Mapping[str, Any] = field(default_factory=dict)  # the data before any form read them
    kept: dict[str, Any] = field(default_factory=dict)  # what the history keeps beside Transition.keeps
    following: list[str] = field(default_factory=list)  # events that the program fires next on the same case
    proof: Mapping[str, Any] | None = None  # by what the actor has shown to be the person (Transition.proof)

    def post(self, kind: str, payload: Mapping[str, Any], *, order_key: str | None = None) -> None:
        """Leave a message for the outbox; it is written with the change, in the same transaction."""
        self.messages.append({"kind": kind, "payload": dict(payload), "order_key": order_key})

    def then(self, event: str) -> None:
        """Let the program fire this event on the same case once this one is written, in the same transaction."""
        self.following.append(event)


# Guards and effects are written for the case of their table; the table itself takes any.
Guard = Callable[[Context[Any]], None]
Effect = Callable[[Context[Any]], None]
Prepare = Callable[[Context[Any]], dict[str, Any]]
Fetch = Callable[[Any], Any]
Prove = Callable[[Context[Any]], "Mapping[str, Any] | None"]


def foretells(say: Callable[[Context[Any]], Label]) -> Callable[[Effect], Effect]:
    """Let an effect say beforehand, to whoever is about to fire the event, what else it changes; "" for nothing."""

    def mark(effect: Effect) -> Effect:
        effect.foretells = say  # type: ignore[attr-defined]
        return effect

    return mark


@dataclass(frozen=True)
class State:
    """A place where a case can be. `tone` is how it is coloured: waiting, theirs, in_force, failed, over; by its stage if left out.

    `due` says how long a case may wait there and what follows; where somebody has to act and the table says nothing, it
    is what is usual for the stage.
    """

    name: str
    label: Label
    stage: Stage
    waits_for: str | None = None  # the kind of account that has to act
    tone: str = ""
    ends: bool | None = None  # whether nothing leads on; by its stage if left out
    edited: bool | None = None  # whether its author may change what was typed; by its stage if left out
    due: Due | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tone", self.tone or TONES.get(self.stage, "waiting"))
        object.__setattr__(self, "due", self.due or usual(self.stage, self.waits_for))

    @property
    def final(self) -> bool:
        """Whether the case has come to its end."""
        return self.stage in OVER if self.ends is None else self.ends

    @property
    def editable(self) -> bool:
        """Whether its author may change what was typed."""
        return self.stage in AUTHORED if self.edited is None else self.edited


def names_of(states: Iterable[State], *stages: Stage) -> tuple[str, ...]:
    """The names of those states that are of these stages, in their order; for rows that start from all of them."""
    return tuple(state.name for state in states if state.stage in stages)


@dataclass(frozen=True)
class Choice:
    """A target that depends on the case: the rule that picks it, and the states to which it may lead."""

    pick: Callable[[Context[Any]], str]
    targets: tuple[str, ...]
    stays: bool = False  # it is always the state in which the case is


@dataclass(frozen=True)
class Notice:
    """Whom to tell once the event has happened: a template of the notices room and a kind of reader."""

    template: str
    to: tuple[str, ...]
    gentle: bool = False  # it may wait for the morning: what is sent outside the site keeps the quiet hours


@dataclass(frozen=True)
class Transition:
    """One row of a workflow table."""

    event: str
    sources: tuple[str, ...]
    who: tuple[str, ...]
    target: str | Choice
    label: Callable[[Any], Label]
    guards: tuple[Guard, ...] = ()
    # The shape of the event's data: read by the engine after the guards, shown by dialogs and the API's description.
    form: type[Schema] | None = None
    # What else must be right or is found out once the form is read; returns the data that effects see. May refuse.
    prepare: Prepare | None = None
    # What shows that it is the person who acts, asked when all else is right; what it returns stands in the history.
    proof: Prove | None = None
    binds: Label = ""  # what who has to prove themselves binds themselves to, in a sentence
    effects: tuple[Effect, ...] = ()
    notices: tuple[Notice, ...] = ()
    irreversible: bool = False
    anyhow: bool = False  # the common guards do not hold here: whoever is on the roster or not, in season or not
    keeps: tuple[str, ...] = ()  # data that the history keeps beside the reason
    elsewhere: Mapping[str, Label] = field(default_factory=dict)  # what to say in states where it is not possible
    # What the timeline says happened: a text, or a rule that finds it for a case; else the button's label.
    said: Label | Callable[[Any], Label] = None
    # What the event needs of another system, by the yes-or-no field that asks for it: fetched from the case before
    # its row is held, so that nobody waits on another system's account. May refuse with Conflict.
    fetches: Mapping[str, Fetch] = field(default_factory=dict)

    def foretold(self, context: Context[Any]) -> list[Label]:
        """What else the event changes, in the words of its effects: for the sheet before the press."""
        said = (effect.foretells(context) for effect in self.effects if hasattr(effect, "foretells"))
        return [words for words in said if words]

    @property
    def asks(self) -> tuple[str, ...]:
        """The names of the data that the event asks for, as they are sent."""
        return tuple(one.data_key or name for name, one in self.form().fields.items()) if self.form else ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state to which the row may lead."""
        return (self.target,) if isinstance(self.target, str) else self.target.targets

    @property
    def target_name(self) -> str:
        """The target for people who read the table: a state, or the name of the rule that finds it."""
        return self.target if isinstance(self.target, str) else self.target.pick.__name__


@dataclass(frozen=True)
class Workflow:
    """A table of states and transitions over one model, and all that is to be known of its cases.

    This is the only registration of a workflow: who needs something of all workflows (home, progress, notices, lists,
    API, exports) asks the declarations. What a room leaves out is told by states and rows alone.
    """

    name: str
    label: Label
    model: type[BareCaseMixin]
    module: str
    initial: tuple[Transition, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    common_guards: tuple[Guard, ...] = ()
    state_label: Callable[[Any, Actor | None], Label] | None = None
    # How a case is begun and written by its author (cases.writing.Writing); None where nobody writes one.
    writing: Any = None
    rows: Callable[[Any], Sequence[tuple[Label, Any]]] | None = None  # what a case says, in words, for every reader
    # Kind of reader → endpoint of the page that shows a case; its one argument is the id. Staff have the FAB view.
    pages: Mapping[str, str] = field(default_factory=dict)
    home: Callable[[Any, Actor], Any] | None = None  # how a case is told on the graduate's home (cases.telling.Telling)
    ways: Sequence[Any] = ()  # ways in that the graduate's home offers (cases.telling.Way)
    facts: Callable[[Any], Mapping[str, str]] | None = None  # what notices tell of a case besides: placeholder → text
    changes: Callable[[Mapping[str, Any]], Sequence[str]] | None = None  # history's `changes` as sentences
    files: Any = None  # which files a case takes, from whom and when (cases.attachments.Files)
    # The paper as it would read now, as HTML, for whoever is about to be bound by it; "" where none can be told yet.
    reads: Callable[[Any], str] | None = None
    # What CASE says of cases of this kind alone, over many at once: name → id of the case → value.
    says_more: Callable[[Sequence[Any], Actor], Mapping[str, Mapping[int, Any]]] | None = None
    document: str = ""  # which paper the workers make of a case (documents); "" = none
    # Every paper that the workers make of a case, by name → what is to be set (documents.lasting.Lasting).
    papers: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    # Workflow whose cases these depend on → what becomes of them when one of those is no longer in force.
    follows: Mapping[str, Callable[[Context[Any]], None]] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)  # name of a limit → which rows of the model it counts
    # Ends a case in force for one that takes its place; False where it stays in force until that one is, which then
    # fires `replace` on it.
    gives_way: Callable[[int, Context[Any]], bool] | None = None
    # Workflow whose cases this one may end → how such an end is told there (signing.ends.End).
    ends: Mapping[str, Any] = field(default_factory=dict)
    # What follows here, in the same transaction, when a case of another workflow comes into force, changes in it or ends.
    hears: Callable[[Context[Any]], None] | None = None
    # What the public check says of numbers of this kind, by number, name and source (signing.queries.Verified or None).
    checked: Callable[[str, str, str | None], Any] | None = None
    # The same of a paper of ours that somebody shows: by its case and which of its papers it is.
    checked_paper: Callable[[Any, str], Any] | None = None
    # What a case says now, for outside systems that ask again; None: nothing is to be told.
    present: Callable[[int], Mapping[str, Any] | None] | None = None

    @cached_property
    def _by_name(self) -> dict[str, State]:
        return {state.name: state for state in self.states}

    def state(self, name: str) -> State:
        """The state of that name; KeyError when the table has none."""
        return self._by_name[name]

    def states_in(self, *stages: Stage) -> tuple[str, ...]:
        """The names of all states of these stages, in the table's order: for conditions that an index by state answers."""
        return names_of(self.states, *stages)

    def sources_of(self, event: str) -> tuple[str, ...]:
        """The states from which somebody may fire the event."""
        return tuple(dict.fromkeys(source for row in self.named(event) for source in row.sources))

    def named(self, event: str) -> list[Transition]:
        """All rows of the event that start from a state."""
        return [t for t in self.transitions if t.event == event]

    @cached_property
    def _by_source(self) -> dict[str, list[Transition]]:
        return {state.name: [row for row in self.transitions if state.name in row.sources] for state in self.states}

    def leaving(self, state: str) -> list[Transition]:
        """All rows that start from this state, in the table's order."""
        return self._by_source.get(state, [])

    def form_of(self, event: str) -> type[Schema] | None:
        """The shape of the event's data; where kinds of accounts send different ones, the one that asks for most."""
        forms = [row.form for row in self.named(event) if row.form is not None]
        return max(forms, key=lambda form: len(form().fields), default=None)

    def row_of(self, event: str, source: str | None, kind: str | None = None) -> Transition | None:
        """The row that was used when this kind of account fired the event from this state; None without any."""
        rows = [row for row in (*self.initial, *self.transitions) if row.event == event]
        rows = [row for row in rows if source in row.sources or (source is None and not row.sources)]
        return next((row for row in rows if kind in row.who), rows[0] if rows else None)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events, each once, in the table's order; creation first."""
        return tuple(dict.fromkeys(t.event for t in (*self.initial, *self.transitions)))

    def label_of(self, case: BareCaseMixin, actor: Actor | None = None) -> str:
        """What the reader calls the state of this case."""
        label = self.state_label(case, actor) if self.state_label else None
        return str(label if label is not None else self.state(case.state).label)


def says(label: Label) -> Callable[[Any], Label]:
    """A button that says the same for every case."""
    return lambda case: label
