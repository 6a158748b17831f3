"""What every provider of short messages is: a channel to mobile numbers, made of the settings that are its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.base.masks import mask_phone
from app.notices.addresses import mobiles_of
from app.notices.channels.base import Channel, Message, Refused

NAME = "sms"
SIGN_NAME = "SMS_SIGN_NAME"  # what stands in the brackets before each message: every provider needs it


class SmsChannel:
    """The half that providers share: whom it reaches and what of a number operators may read."""

    name = NAME
    voluntary = False

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The mobile numbers that the platform has."""
        return mobiles_of(user_ids)

    def mask(self, address: str) -> str:
        """138****5678."""
        return mask_phone(address)

    def rest(self) -> None:
        """Connections end by themselves."""


@dataclass(frozen=True)
class Provider:
    """One way to send short messages; who fills in one of its `settings` has chosen it, and fills in all `needed`."""

    settings: tuple[str, ...]
    needed: tuple[str, ...]
    make: Callable[[Mapping[str, str]], Channel]


def number_of(message: Message) -> str:
    """The eleven digits of the mobile number; raises Refused where it is none."""
    number = re.sub(r"[\s-]", "", message.to).removeprefix("+86")
    if not re.fullmatch(r"1[3-9]\d{9}", number):
        raise Refused("bad_number")
    return number
