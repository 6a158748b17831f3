"""The development channel: sends nothing and shows in the site what would have been sent (R10.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.notices.channels.base import Message, Outcome

PLACE = "site"


class DevelopmentChannel:
    """Stands in for a channel whose provider is not configured; everybody can be reached."""

    voluntary = False
    portion = 200

    def __init__(self, name: str) -> None:
        self.name = name

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """Everybody has the site."""
        return dict.fromkeys(user_ids, PLACE)

    def mask(self, address: str) -> str:
        """Nothing to hide."""
        return address

    def send(self, message: Message) -> str:
        """Accepted at once; the notice stands in the reader's inbox already."""
        return f"development:{message.key}"

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """The same for many."""
        return [self.send(one) for one in messages]

    def rest(self) -> None:
        """Nothing is open."""
