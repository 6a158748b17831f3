"""How messages are handed to their channels: by the portion where a channel takes several, else one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.notices import channels
from app.notices.channels.base import Channel, ManyAtOnce, Message, Outcome, outcome
from app.workflow.models import OutboxMessage


def parts_by_channel(named: Iterable[tuple[int, str]]) -> list[list[int]]:
    """Messages (id, name of the channel) in parts of one channel each, no larger than may be in hand there."""
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for number, name in named:
        waiting[name].append(number)
    return [
        numbers[start : start + _portion(name)]
        for name, numbers in waiting.items()
        for start in range(0, len(numbers), _portion(name))
    ]


def _portion(name: str) -> int:
    channel = channels.channel(name)
    return channel.portion if isinstance(channel, ManyAtOnce) else 1


def hand_over(channel: Channel, messages: Sequence[Message], mark: str) -> list[Outcome]:
    """What became of each; `mark` is this try's."""
    if isinstance(channel, ManyAtOnce):
        return channel.send_all(messages, mark)
    return [outcome(channel.send, one) for one in messages]


def earlier_try(message: OutboxMessage, mark: str) -> str:
    """The mark of a try whose end nobody knows; "" where this one is the first or the last one's end is known."""
    return message.begun if message.begun and message.begun != mark else ""


def rest() -> None:
    """Close what channels kept open: for now there is nothing more to send."""
    for channel in channels.channels_in_use().values():
        if isinstance(channel, ManyAtOnce):
            channel.rest()
