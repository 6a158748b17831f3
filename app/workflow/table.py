"""What a workflow is made of: states, transitions, guards, effects. Data only; engine.py runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.access.actors import Actor
from app.base import clock
from app.workflow.models import UnscopedCaseMixin

Label = Any  # a lazily translated string


@dataclass
class Context:
    """One event being fired: what guards and effects may look at, and where they leave messages."""

    workflow: Workflow
    transition: Transition
    case: Any
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=clock.now)
    origin: str | None = None  # the state that the event left
    messages: list[dict[str, Any]] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)  # read once per event, e.g. the school's settings
    fetched: Mapping[str, Any] = field(default_factory=dict)  # what Transition.fetches brought
    following: list[str] = field(default_factory=list)  # events that the program fires next on the same case

    def post(self, kind: str, payload: Mapping[str, Any], *, order_key: str | None = None) -> None:
        """Leave a message for the outbox; it is written with the change, in the same transaction."""
        self.messages.append({"kind": kind, "payload": dict(payload), "order_key": order_key})

    def then(self, event: str) -> None:
        """Let the program fire this event on the same case once this one is written, in the same transaction."""
        self.following.append(event)


Guard = Callable[[Context], None]
Effect = Callable[[Context], None]
Form = Callable[[Context], dict[str, Any]]
Fetch = Callable[[Any], Any]


@dataclass(frozen=True)
class State:
    """A place where a case can be. `tone` is how it is coloured: waiting, in_force, failed, over."""

    name: str
    label: Label
    tone: str
    final: bool = False
    waits_for: str | None = None  # the kind of account that has to act


@dataclass(frozen=True)
class Notice:
    """Whom to tell once the event has happened: a template of the notices room and a kind of reader."""

    template: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class Transition:
    """One row of a workflow table."""

    event: str
    sources: tuple[str, ...]
    who: tuple[str, ...]
    target: str | Callable[[Context], str]
    label: Callable[[Any], Label]
    guards: tuple[Guard, ...] = ()
    form: Form | None = None
    effects: tuple[Effect, ...] = ()
    notices: tuple[Notice, ...] = ()
    irreversible: bool = False
    asks: tuple[str, ...] = ()  # the data that the event needs, for forms and the API description
    elsewhere: Mapping[str, Label] = field(default_factory=dict)  # what to say in states where it is not possible
    # What the timeline says happened: a text, or a rule that finds it for a case; else the button's label.
    said: Label | Callable[[Any], Label] = None
    # What the event needs of another system, by the yes-or-no field that asks for it: fetched from the case before
    # its row is held, so that nobody waits on another system's account. May refuse with Conflict.
    fetches: Mapping[str, Fetch] = field(default_factory=dict)

    @property
    def target_name(self) -> str:
        """The target for people who read the table: a state, or the name of the rule that finds it."""
        return self.target if isinstance(self.target, str) else self.target.__name__


@dataclass(frozen=True)
class Workflow:
    """A table of states and transitions over one model."""

    name: str
    label: Label
    model: type[UnscopedCaseMixin]
    module: str
    initial: tuple[Transition, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    common_guards: tuple[Guard, ...] = ()
    state_label: Callable[[Any, Actor | None], Label] | None = None

    def state(self, name: str) -> State:
        """The state of that name; KeyError when the table has none."""
        return next(s for s in self.states if s.name == name)

    def named(self, event: str) -> list[Transition]:
        """All rows of the event that start from a state."""
        return [t for t in self.transitions if t.event == event]

    def row_of(self, event: str, source: str | None, kind: str | None = None) -> Transition | None:
        """The row that was used when this kind of account fired the event from this state; None without any."""
        rows = [row for row in (*self.initial, *self.transitions) if row.event == event]
        rows = [row for row in rows if source in row.sources or (source is None and not row.sources)]
        return next((row for row in rows if kind in row.who), rows[0] if rows else None)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events, each once, in the table's order; creation first."""
        return tuple(dict.fromkeys(t.event for t in (*self.initial, *self.transitions)))

    def label_of(self, case: Any, actor: Actor | None = None) -> str:
        """What the reader calls the state of this case."""
        label = self.state_label(case, actor) if self.state_label else None
        return str(label if label is not None else self.state(case.state).label)


def says(label: Label) -> Callable[[Any], Label]:
    """A button that says the same for every case."""
    return lambda case: label
