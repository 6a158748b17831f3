"""What people do in the storm: invitations, agreements, their ends, destinations; every step through the API."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.faults.storm.caller import Book, Caller, Refused
from tests.faults.storm.place import Person
from tests.fixtures.pages import letter

SIGNED, PENDING = "10", "70"
_MOST_CODES = 6


class Life:
    """One graduate's records from the first invitation on; `told` is what the employment system is to learn, in order."""

    def __init__(self, person: Person, caller: Caller, rng: Random) -> None:
        self.person, self.caller, self.rng = person, caller, rng
        self.book: Book = caller.book
        self.told: list[str] = []
        self.signed: list[int] = []

    def lead(self, goes_on: Callable[[], bool]) -> None:
        """Live until it is over, or until no more operations are wanted."""
        way = self.rng.choices(("declined", "withdrawn", "signed", "ended"), (2, 1, 6, 4))[0]
        steps = {
            "declined": (self._declined, self._registered),
            "withdrawn": (self._withdrawn, self._registered),
            "signed": (self._signed,),
            "ended": (self._signed, self._ended, self._registered),
        }[way]
        for step in steps:
            if not goes_on():
                return
            step()

    # Steps ----------------------------------------------------------------------------------------------------------

    def _invited(self) -> int:
        body = {"graduate_ids": [self.person.graduate_id], **letter()}
        case = int(self.caller.post(self.person.unit, "/online_signing/", body)["result"]["created"][0]["id"])
        self.book.acknowledge(("online_signing", case, "invite", "employer"))
        return case

    def _declined(self) -> None:
        case = self._invited()
        self._fire(self.person.username, "online_signing", case, "decline", "graduate", reason="已有其他安排")

    def _withdrawn(self) -> None:
        case = self._invited()
        self._fire(self.person.unit, "online_signing", case, "withdraw", "employer", reason="岗位取消")

    def _signed(self) -> None:
        case = self._invited()
        self._proven("online_signing", case, "accept")
        self._approved("online_signing", case)
        self.signed.append(case)
        self.told.append(SIGNED)

    def _ended(self) -> None:
        body = {"signing_id": self.signed[-1], "reason": "岗位取消"}
        case = int(self.caller.post(self.person.unit, "/online_termination/", body)["id"])
        self.book.acknowledge(("online_termination", case, "start", "employer"))
        self._proven("online_termination", case, "agree")
        self._approved("online_termination", case)
        self.told.append(PENDING)

    def _registered(self) -> None:
        answer = self._with_code(
            ("destination", "submit", None), "/destination/", {"type": PENDING, "data": {"waiting_reason": "1"}}
        )
        case = int(answer["id"])
        steps = (("destination", case, event, "graduate") for event in ("create", "submit"))
        self.book.acknowledge(*steps)
        self._approved("destination", case)
        self.told.append(PENDING)

    # Parts of steps -------------------------------------------------------------------------------------------------

    def _approved(self, workflow: str, case: int) -> None:
        for reviewer in self.person.reviewers:
            kind = "department" if reviewer.startswith("dept") else "school"
            self._fire(reviewer, workflow, case, "approve", kind)

    def _fire(self, who: str, workflow: str, case: int, event: str, kind: str, **data: Any) -> None:
        self.caller.post(who, f"/{workflow}/{case}/{event}", data)
        self.book.acknowledge((workflow, case, event, kind))

    def _proven(self, workflow: str, case: int, event: str) -> None:
        self._with_code((workflow, event, case), f"/{workflow}/{case}/{event}", {})
        self.book.acknowledge((workflow, case, event, "graduate"))

    def _with_code(self, act: tuple[str, str, int | None], path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A code that the clock has overtaken is asked for again."""
        workflow, event, case = act
        for left in reversed(range(_MOST_CODES)):
            about = {"workflow": workflow, "event": event, **({"id": case} if case else {})}
            code = self.caller.post(self.person.username, "/me/code", about)["result"]["trial_code"]
            try:
                return self.caller.post(self.person.username, path, {**body, "code": code})
            except Refused as refused:
                if refused.errors != {"code"} or not left:
                    raise
                self.book.note("code too old")
        raise AssertionError
