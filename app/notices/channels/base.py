"""What every channel is: it finds addresses, masks them, hands messages to its provider; and what its file says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from app.base.failures import Failure
from app.base.outward import Answer, Outward, OutwardError
from app.workflow.delivery import GiveUp
from app.workflow.outside import Unsure

LANES = 8  # calls of one worker to one provider at the same time
_SECONDS, _CONNECT = 10.0, 5.0  # shorter than the pause after which the sweeper tries again
_LONGEST = 256 * 1024
_NOT_ASKED = {"ConnectError", "ConnectTimeout"}
_CODES = {"busy": "provider_busy", "timeout": "unreachable", "unreachable": "unreachable", "resting": "unreachable"}


@dataclass(frozen=True)
class Message:
    """One notice for one reader. `key` stays the same when it is sent again, so that a provider can see it.

    `earlier`: the mark of a try that may have reached the provider, though nobody here knows.
    """

    key: str
    to: str
    title: str
    text: str
    url: str
    template: str = ""  # what the provider calls this notice
    fields: Mapping[str, str] = field(default_factory=dict)
    earlier: str = ""


Outcome = str | Exception  # the provider's receipt, or why there is none


class Refused(GiveUp):
    """The provider will never take this message as it is; `code` says why.

    What it means to people is said in app.notices.explanations, or in `causes` of the channel for codes of its own.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_words(code, detail), code=code, detail=detail)


class Unavailable(Failure):
    """The provider cannot take it now; trying later may help. `code` as above."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_words(code, detail), code=code, detail=detail)


class Unanswered(Unavailable, Unsure):
    """The provider was asked and said nothing that could be understood: it may have taken the message."""


def _words(code: str, detail: str) -> str:
    return f"{code}: {detail}" if detail else code


class Channel(Protocol):
    """One way to reach people outside the site."""

    name: str
    voluntary: bool  # readers choose it themselves: who has no address is left out, which is no failure

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The addresses of those of the users who can be reached."""
        ...

    def mask(self, address: str) -> str:
        """The address as operators may read it."""
        ...

    def send(self, message: Message) -> str:
        """Hand the message over; returns the provider's receipt. Raises Refused or Unavailable."""
        ...


@runtime_checkable
class ManyAtOnce(Channel, Protocol):
    """A channel that takes several messages in less time than one after the other."""

    portion: int  # as many as may come twice when a worker is killed: many where the provider can be asked or sees it

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """Hand them over, each to its own reader alone; what became of each. `mark` is this try's."""
        ...

    def rest(self) -> None:
        """Close what was kept open: for now there is nothing more to send."""
        ...


@dataclass(frozen=True)
class Handed:
    """A message that the provider has taken."""

    key: str
    to: str
    receipt: str
    at: datetime


@dataclass(frozen=True)
class Report:
    """The end of a message: whether it came to the reader's phone, and why not; `code` as of failures."""

    key: str
    delivered: bool
    at: datetime | None = None
    code: str = "undelivered"
    detail: str = ""


@runtime_checkable
class Reporting(Channel, Protocol):
    """A channel whose provider can be asked what became of messages."""

    def reports(self, handed: Sequence[Handed]) -> list[Report]:
        """Of those whose end is known; raises Refused or Unavailable where nothing can be said at all."""
        ...


def in_lanes(work: Callable[[Message], str], messages: Sequence[Message], lanes: int = LANES) -> list[Outcome]:
    """What became of each, several calls at the same time; `work` may use nothing but the network."""
    if len(messages) < 2:
        return [outcome(work, one) for one in messages]
    with ThreadPoolExecutor(min(lanes, len(messages))) as pool:
        return list(pool.map(lambda one: outcome(work, one), messages))


def outcome(work: Callable[[Message], str], message: Message) -> Outcome:
    """The receipt, or the error."""
    try:
        return work(message)
    except Exception as error:
        return error


@dataclass(frozen=True)
class Binding:
    """How readers choose a channel themselves: its provider is asked who they are, and comes back with a code."""

    offer: Any  # what the inbox says to those who have not bound it yet
    browser: str = ""  # what browsers inside the provider's program call themselves, where it must be one of these
    code: str = "code"  # the name of the code in the answer
    login: Any = None  # what a graduate's log-in by it is called; None: the address opens no account


@runtime_checkable
class BoundChannel(Channel, Protocol):
    """A channel that readers bind; the address is what the provider says, never what somebody types."""

    binding: Binding

    def authorize_address(self, return_to: str, state: str) -> str:
        """Where the reader is asked; from there they come back to `return_to` with a code and this state."""
        ...

    def address_for(self, code: str) -> str:
        """The reader's address behind the code; raises Refused or Unavailable."""
        ...


@dataclass(frozen=True)
class Declaration:
    """All that the program has to know of a channel before it is used.

    `make` gets the settings whose names begin with `settings`, and returns None where there are none; it raises
    SettingsError where they are there by half.
    """

    name: str  # at most 16 letters: rows of templates and deliveries bear it
    label: Any
    settings: str
    make: Callable[[Mapping[str, str]], Channel | None]
    causes: Mapping[str, Any] = field(default_factory=dict)  # code of a failure of its own -> words, with what to do


def provider(base_url: str, partner: str | None = None) -> Outward:
    """The way to a provider of messages, through the proxy of this network if there is one.

    `partner`: who it is in `app.base.trust`, where both sides may know each other by certificates.
    """
    return Outward(base_url, seconds=_SECONDS, connect=_CONNECT, longest=_LONGEST, by_proxy=True, partner=partner)


def json_object(answer: Answer) -> dict[str, Any]:
    """What providers answer, whatever the status; raises OutwardError where it is no JSON object."""
    try:
        return answer.json()
    except (TypeError, ValueError) as error:
        raise OutwardError("not_understood", "no object", status=answer.status) from error


def ask(
    client: Outward, method: str, url: str, *, read: Callable[[Answer], dict[str, Any]] = json_object, **options: Any
) -> dict[str, Any]:
    """One call to a provider, its answer as `read` sees it; raises Unavailable, or Unanswered where it may have been heard."""
    try:
        return client.call(method, url, read, **options)
    except OutwardError as error:
        unheard = error.code == "resting" or error.detail in _NOT_ASKED
        kind = Unavailable if unheard else Unanswered
        raise kind(_CODES.get(error.code, "not_understood"), error.detail) from error
