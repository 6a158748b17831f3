"""python -m app.ems.contract URL --token TOKEN: asks another employment system whether it keeps the contract.

It writes students of an invented school (code 99999 unless told) and leaves them removed. The contract: README.md; how
it is played: app/base/contract.py.
"""

from __future__ import annotations

import sys
import time
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from app.base import contract
from app.base.contract import Contract, expect

_TOLD: Final = Path(__file__).parent / "data" / "contract.toml"


@dataclass
class Asked(contract.Asked):
    """The system that is asked, and the roster on which the checks play."""

    @property
    def school(self) -> str:
        """The invented school."""
        return str(self.told.school)

    @property
    def cohort(self) -> int:
        """The invented cohort."""
        return int(self.told.cohort)

    @property
    def roster(self) -> str:
        """The address of the roster."""
        return f"/schools/{self.school}/cohorts/{self.cohort}"

    def at(self, number: str) -> str:
        """The address of a student."""
        return f"/students/{self.school}/{self.cohort}/{number}"

    def put(self, *students: dict[str, Any], wanted: int = 200) -> Any:
        """Upload students."""
        return self.call("PUT", f"{self.roster}/students", wanted, json={"students": list(students)})

    def report(self, number: str, record: dict[str, Any], sequence: int, key: str = "", **more: Any) -> Any:
        """Report a record; `kind` is destination unless told."""
        kind, wanted = more.get("kind", "destination"), more.get("wanted", 200)
        body, headers = {"sequence": sequence, "record": record}, {"Idempotency-Key": key or uuid4().hex}
        return self.call("PUT", f"{self.at(number)}/records/{kind}", wanted, json=body, headers=headers)


def student(number: str, **changed: Any) -> dict[str, Any]:
    """All fields of an invented student."""
    return {**_told()["student"], "exam_number": number, "student_number": number[-8:], **changed}


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(_TOLD.read_text(encoding="utf-8"))


# The checks; their words stand in data/contract.toml under the same names ------------------------------------------


def closed_without_token(asked: Asked) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}):
        told = asked.call("GET", "/rosters", 401, headers=headers)
        expect({"message", "code"} <= told.keys(), True, "message, code")


def roster_is_written_once(asked: Asked) -> None:
    asked.call("PUT", f"/schools/{asked.school}", json={"name": _told()["school"]})
    two = [student("99990000000001"), student("99990000000002")]
    asked.put(*two)
    expect(asked.put(*two), {"new": 0, "changed": 0, "unchanged": 2}, "upload repeated")
    changed = asked.put(two[0], student("99990000000002", major="another"))
    expect((changed["changed"], changed["unchanged"]), (1, 1), "one changed")


def roster_is_written_whole_or_not(asked: Asked) -> None:
    told = asked.put(student("99990000000009"), student("99990000000001", name=""), wanted=422)
    expect(bool(told.get("errors")), True, "errors by field")
    asked.call("GET", asked.at("99990000000009"), 404)


def large_batches_are_refused(asked: Asked) -> None:
    asked.put(*(student(f"{99990000001000 + number}") for number in range(1001)), wanted=413)


def vague_training_modes_are_refused(asked: Asked) -> None:
    for mode in ("2", "4"):
        asked.put(student("99990000000001", training_mode=mode), wanted=422)


def changes_come_by_cursor(asked: Asked) -> None:
    path = f"{asked.roster}/students"
    seen, cursor, more = [], 0, True
    while more:
        page = asked.call("GET", path, params={"updated_since": cursor, "limit": 1})
        expect(len(page["students"]) <= 1, True, "limit")
        expect(page["cursor"] >= cursor, True, "the cursor grows")
        seen += [one["exam_number"] for one in page["students"]]
        cursor, more = page["cursor"], page["more"]
    expect(len(seen), len(set(seen)), "nobody twice")
    expect({"99990000000001", "99990000000002"} <= set(seen), True, "nobody left out")
    asked.put(student("99990000000001", major=uuid4().hex[:6]))
    page = asked.call("GET", path, params={"updated_since": cursor})
    expect([one["exam_number"] for one in page["students"]], ["99990000000001"], "only what has changed since")


def a_student_is_read_in_one_call(asked: Asked) -> None:
    told = asked.call("GET", asked.at("99990000000002"))
    expect(set(told) >= {"student", "destination"}, True, "student, destination")
    expect(told["student"]["exam_number"], "99990000000002", "exam_number")
    expect(asked.call("GET", asked.at("00000000000000"), 404)["code"], "unknown_student", "code")


def rare_characters_come_back(asked: Asked) -> None:
    asked.put(student("99990000000003", **_told()["rare"]))
    told = asked.call("GET", asked.at("99990000000003"))["student"]
    expect({name: told[name] for name in _told()["rare"]}, _told()["rare"], "as written")


def some_fields_are_changed(asked: Asked) -> None:
    before = asked.call("GET", asked.at("99990000000003"))["student"]
    told = asked.call("PATCH", asked.at("99990000000003"), json={"mobile": "13900000002"})["student"]
    expect((told["mobile"], told["name"]), ("13900000002", before["name"]), "mobile, name")


def removed_students_keep_their_row(asked: Asked) -> None:
    place = asked.at("99990000000003")
    expect(asked.call("DELETE", place)["student"]["removed"], True, "removed")
    expect(asked.call("PATCH", place, 409, json={"mobile": None})["code"], "removed", "code")
    page = asked.call("GET", f"{asked.roster}/students", params={"updated_since": 0, "limit": 500})
    expect({one["exam_number"]: one["removed"] for one in page["students"]}["99990000000003"], True, "in the changes")
    expect(asked.call("POST", f"{place}/restore")["student"]["removed"], False, "restored")


def a_report_is_taken_once(asked: Asked) -> None:
    key, sequence = uuid4().hex, _next(asked, "99990000000001")
    first = asked.report("99990000000001", _told()["pending"], sequence, key)
    expect(first["applied"], True, "applied")
    again = asked.report("99990000000001", _told()["pending"], sequence, key)
    expect((again["applied"], again.get("replayed")), (True, True), "applied, replayed")
    held = asked.call("GET", f"{asked.at('99990000000001')}/records/destination")["record"]
    expect((held["code"], held["sequence"]), ("70", sequence), "held")


def a_key_belongs_to_one_body(asked: Asked) -> None:
    key, sequence = uuid4().hex, _next(asked, "99990000000001")
    asked.report("99990000000001", _told()["pending"], sequence, key)
    told = asked.report("99990000000001", _told()["freelance"], sequence, key, wanted=409)
    expect(told["code"], "key_reused", "code")


def late_reports_change_nothing(asked: Asked) -> None:
    sequence = _next(asked, "99990000000001")
    asked.report("99990000000001", _told()["pending"], sequence + 1)
    late = asked.report("99990000000001", _told()["freelance"], sequence)
    expect((late["applied"], late.get("reason")), (False, "stale"), "applied, reason")
    held = asked.call("GET", asked.at("99990000000001"))["destination"]
    expect(held["code"], "70", "held")


def reports_of_removed_students_are_kept(asked: Asked) -> None:
    place = asked.at("99990000000002")
    asked.call("DELETE", place)
    told = asked.report("99990000000002", _told()["pending"], _next(asked, "99990000000002"))
    expect((told["applied"], told["removed"]), (True, True), "applied, removed")
    asked.call("POST", f"{place}/restore")
    expect(asked.call("GET", place)["destination"]["code"], "70", "there when restored")


def archive_and_hukou_are_held_apart(asked: Asked) -> None:
    number, records = "99990000000001", {"archive": {"transfer_type": "1"}, "hukou": {"transfer_type": "1"}}
    for kind, record in records.items():
        asked.report(number, record, _next(asked, number, kind), kind=kind)
    for kind in records:
        held = asked.call("GET", f"{asked.at(number)}/records/{kind}")["record"]
        expect(held["transfer_type"], "1", kind)
    expect(asked.call("GET", asked.at(number))["destination"]["code"], "70", "the destination stays")


def edits_are_told(asked: Asked) -> None:
    told = asked.call("GET", f"{asked.roster}/edits", params={"after": 0})
    expect({"edits", "cursor", "more"} <= told.keys(), True, "edits, cursor, more")


def the_switch_follows_its_sequence(asked: Asked) -> None:
    path, now = f"{asked.roster}/switch", time.time_ns()
    asked.call("PUT", path, json={"open": False, "sequence": now})
    late = asked.call("PUT", path, json={"open": True, "sequence": now - 1})
    expect(late.get("applied"), False, "applied")
    expect(asked.call("GET", path)["open"], False, "open")


def bulk_removal_ends_with_the_switch(asked: Asked) -> None:
    path, numbers = f"{asked.roster}/students/remove", {"exam_numbers": ["99990000000003"]}
    expect(asked.call("POST", path, json=numbers)["removed"], 1, "removed")
    asked.call("PUT", f"{asked.roster}/switch", json={"open": True, "sequence": time.time_ns()})
    expect(asked.call("POST", path, 409, json=numbers)["code"], "switch_open", "code")


def rosters_are_listed(asked: Asked) -> None:
    told = asked.call("GET", "/rosters")["rosters"]
    own = [one for one in told if (one["school"], one["cohort"]) == (asked.school, asked.cohort)]
    expect(len(own), 1, "this roster")
    expect({"school", "cohort", "cursor", "edits", "switch_open"} <= own[0].keys(), True, "its fields")


def nonsense_is_refused(asked: Asked) -> None:
    json = {"Content-Type": "application/json"}
    asked.call("PUT", f"{asked.roster}/students", 400, content=b"{", headers=json)
    asked.call("GET", "/no-such-address", 404)


CHECKS: Final = (
    closed_without_token,
    roster_is_written_once,
    roster_is_written_whole_or_not,
    large_batches_are_refused,
    vague_training_modes_are_refused,
    changes_come_by_cursor,
    a_student_is_read_in_one_call,
    rare_characters_come_back,
    some_fields_are_changed,
    removed_students_keep_their_row,
    a_report_is_taken_once,
    a_key_belongs_to_one_body,
    late_reports_change_nothing,
    reports_of_removed_students_are_kept,
    archive_and_hukou_are_held_apart,
    edits_are_told,
    the_switch_follows_its_sequence,
    bulk_removal_ends_with_the_switch,
    rosters_are_listed,
    nonsense_is_refused,
)


def _next(asked: Asked, number: str, kind: str = "destination") -> int:
    held = asked.call("GET", f"{asked.at(number)}/records/{kind}")["record"]
    return int(held["sequence"]) + 1 if held else 1


def leave(asked: Asked) -> None:
    """Take the students off again."""
    for number in range(1, 4):
        asked.http.delete(asked.at(f"9999000000000{number}"))


CONTRACT: Final = Contract(
    "python -m app.ems.contract",
    str(__doc__),
    _TOLD,
    CHECKS,
    asked=Asked,
    options={"--school": {"default": "99999"}, "--cohort": {"type": int, "default": 2099}},
    root="/api/v1",
    leave=leave,
)

if __name__ == "__main__":
    sys.exit(contract.main(CONTRACT))
