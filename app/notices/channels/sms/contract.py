"""python -m app.notices.channels.sms.contract URL --token TOKEN --number NUMBER: asks an SMS gateway whether it keeps the contract.

It sends one message to that number. The contract: app/notices/README.md.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from app.base import contract
from app.base.contract import Broken, Contract, expect
from app.notices.channels.sms.gateway import (
    ACCEPTED,
    DELIVERED,
    REFUSED,
    UNDELIVERED,
    WAITING,
    bracketed,
    shows_who_calls,
)

_NO_NUMBER: Final = "12345"


@dataclass
class Asked(contract.Asked):
    """The gateway, and the one message with which the checks play."""

    id: str = field(default_factory=lambda: f"contract-{uuid4().hex}")

    def post(self, path: str, body: bytes, wanted: int = 200, *, stranger: bool = False) -> Any:
        """Ask as the platform does, or as somebody with other keys."""
        token, secret = (text and f"{text}x" if stranger else text for text in (self.told.token, self.told.secret))
        return self.call("POST", path, wanted, content=body, headers=shows_who_calls(token, secret, body))

    def send(self, *messages: tuple[str, str]) -> dict[str, Any]:
        """What is answered of each (id, number)."""
        text = f"{bracketed(self.told.sign)}contract"
        told = self.post("/messages", _body(messages=[{"id": one, "to": to, "text": text} for one, to in messages]))
        return {one["id"]: one for one in told["results"]}


def _body(**told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def closed_to_strangers(asked: Asked) -> None:
    body = _body(messages=[{"id": asked.id, "to": asked.told.number, "text": "contract"}])
    try:
        asked.post("/messages", body, 401, stranger=True)
    except Broken:
        asked.post("/messages", body, 403, stranger=True)


def a_message_is_taken(asked: Asked) -> None:
    expect(asked.send((asked.id, asked.told.number))[asked.id]["status"], ACCEPTED, "status")


def it_is_sent_once(asked: Asked) -> None:
    first, again = (asked.send((asked.id, asked.told.number))[asked.id] for _time in range(2))
    expect(again, first, "sent again")


def each_has_its_own_answer(asked: Asked) -> None:
    wrong = f"contract-{uuid4().hex}"
    told = asked.send((wrong, _NO_NUMBER), (asked.id, asked.told.number))
    expect((told[wrong]["status"], told[wrong]["code"]), (REFUSED, "bad_number"), _NO_NUMBER)
    expect(told[asked.id]["status"], ACCEPTED, "the other")


def reports_are_told(asked: Asked) -> None:
    reports = asked.post("/reports", _body(ids=[asked.id, uuid4().hex]))["reports"]
    expect([one["id"] for one in reports], [asked.id], "reports")
    if reports[0]["status"] not in (WAITING, DELIVERED, UNDELIVERED):
        raise Broken(f"status {reports[0]['status']!r}")


def nonsense_is_refused(asked: Asked) -> None:
    headers = shows_who_calls(asked.told.token, asked.told.secret, b"{")
    status = asked.http.post("/messages", content=b"{", headers=headers).status_code
    if not 400 <= status < 500:
        raise Broken(f"{status}")


CONTRACT: Final = Contract(
    "python -m app.notices.channels.sms.contract",
    str(__doc__),
    Path(__file__).parents[2] / "data" / "contract.toml",
    (
        closed_to_strangers,
        a_message_is_taken,
        it_is_sent_once,
        each_has_its_own_answer,
        reports_are_told,
        nonsense_is_refused,
    ),
    asked=Asked,
    options={
        "--number": {"required": True, "help": "a mobile number of your own, which gets one message"},
        "--secret": {"default": "", "help": "by which calls are signed"},
        "--sign": {"default": "contract", "help": "what stands in the brackets before the message"},
    },
    seconds=10.0,
)

if __name__ == "__main__":
    sys.exit(contract.main(CONTRACT))
