"""The figures of employment counted by hand: every row read with a plain connection, one graduate after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg.rows import dict_row

TABLES = {
    "online_signing": "online_signings",
    "offline_signing": "offline_signings",
    "supplementary": "supplementaries",
    "destination": "destinations",
}
COMPLETION = {"03", "13", "26", "33", "43"}
_ALL = ("10", "11", "12", "27", "46", "50", "51", "75", "76", "80", "85")
# The formulas as the ministry's notices have them, by the first two digits, which no two kinds share.
PARTS: dict[str, tuple[str, ...]] = {
    "M2024_ALL": _ALL,
    "M2024_UNIT": ("10", "11", "12", "27", "46", "50", "51"),
    "M2024_START": ("75",),
    "M2024_FREE": ("76",),
    "M2024_STUDY": ("80", "85"),
    "M_STUDY_IN": ("80",),
    "M_STUDY_OUT": ("85",),
    "M2021_ALL": _ALL,
    "M2021_CONTRACT": ("10", "11", "27", "46", "50", "51"),
    "M2021_START": ("75",),
    "M2021_FLEX": ("12", "76"),
    "M2021_STUDY": ("80", "85"),
    "M_WAIT": ("70",),
    "M_NOT": ("71", "72"),
    "M_RATE_OLD": _ALL,
    "M_RATE_NOFLEX": ("10", "11", "12", "27", "46", "50", "51", "80", "85"),
    "M_SIGN": ("10",),
    "M_REG": (*_ALL, "70", "71", "72"),
    "M_CONFIRM": (),
}


def is_rated(one: dict[str, Any]) -> bool:
    """Whether a graduate is in the rates."""
    return one["education"] not in COMPLETION


class World:
    """All rows as they are now."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url, row_factory=dict_row) as connection:
            read: Callable[[str], list[dict[str, Any]]] = lambda query: connection.execute(query).fetchall()  # noqa: E731
            self.people = read("SELECT * FROM graduates")
            self.units = {one["id"]: one for one in read("SELECT * FROM employers")}
            self.cases: dict[int, list[dict[str, Any]]] = defaultdict(list)
            for workflow, table in TABLES.items():
                for one in read(f"SELECT * FROM {table}"):
                    self.cases[one["graduate_id"]].append({**one, "workflow": workflow})
            left = read("SELECT graduate_id FROM leavings WHERE state = 'confirmed'")
            self.left = {one["graduate_id"] for one in left}
            self.endings: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
            for one in read("SELECT * FROM online_terminations ORDER BY id"):
                self.endings[("online_signing", one["signing_id"])].append(one)
            for one in read("SELECT * FROM offline_terminations ORDER BY id"):
                self.endings[(one["signing_workflow"], one["signing_id"])].append(one)

    def seen_by(self, actor: Any, cohort: int) -> Iterator[dict[str, Any]]:
        """The graduates whom a reader may count."""
        for one in self.people:
            mine = {
                "operator": True,
                "province": one["province_id"] == actor.province_id,
                "school": one["school_id"] == actor.school_id and actor.level in ("all", one["level"]),
                "department": one["department_id"] == actor.department_id,
            }[actor.kind]
            if mine and one["cohort"] == cohort and one["invalid_since"] is None:
                yield one

    def current(self, one: dict[str, Any]) -> dict[str, Any] | None:
        """The record in force."""
        found = [case for case in self.cases[one["id"]] if case["state"] in ("signed", "approved")]
        assert len(found) <= 1
        return found[0] if found else None

    def code(self, one: dict[str, Any]) -> str | None:
        """Of the record in force."""
        case = self.current(one)
        return None if case is None else case["type"] if case["workflow"] == "destination" else "10"

    def value(self, by: str, one: dict[str, Any]) -> Any:
        """In which line a graduate stands."""
        if by == "destination":
            return self.code(one)
        if by in ("origin", "origin_city"):
            digits = 2 if by == "origin" else 4
            return one["origin_region"][:digits].ljust(6, "0")
        if by in ("school", "department"):
            return one[f"{by}_id"]
        if not by.startswith(("employer", "job_")):
            return one[by]
        if by == "employer":
            return self._unit(self.current(one))
        found = self._fact(self.current(one), by.split("_")[1].replace("city", "region"))
        if by in ("employer_region", "employer_city") and found:
            found = found[: 2 if by == "employer_region" else 4].ljust(6, "0")
        return found or None

    def _unit(self, case: dict[str, Any] | None) -> str | None:
        if case is None:
            return None
        if case["workflow"] == "online_signing":
            return str(self.units[case["employer_id"]]["name"])
        data = case["data"]
        return (data["data"].get("employer") if case["workflow"] == "destination" else data["employer"]["name"]) or None

    def _fact(self, case: dict[str, Any] | None, name: str) -> Any:
        if case is None:
            return None
        if case["workflow"] == "destination":
            return case["data"]["data"].get(name)
        if name == "category":
            return case["data"]["position"][name]
        if case["workflow"] == "online_signing":
            return self.units[case["employer_id"]][name]
        return case["data"]["employer"].get(name)

    def column(self, case: dict[str, Any]) -> str | None:
        """The column of figure 34 in which a record stands."""
        if case["workflow"] == "destination":
            return None
        late, state = case["workflow"] == "supplementary", case["state"]
        if state == "signed":
            last = (self.endings[(case["workflow"], case["id"])] or [None])[-1]
            ending = last["state"] if last else ""
            if ending.endswith("_review"):
                return "termination_waiting"
            if ending == "rejected":
                return "termination_rejected"
            if ending == "refused":
                other = {"graduate": "employer", "employer": "graduate"}[last["started_by"]]
                return f"termination_refused_by_{other}"
            return "supplementary" if late else "signed"
        if state.endswith("review"):
            return "supplementary_waiting" if late else "waiting"
        if state.endswith("rejected"):
            return "supplementary_rejected" if late else "rejected"
        return state if state in ("terminated", "declined", "expired") else None

    def figures(self, people: list[dict[str, Any]], completion: bool) -> dict[str, Any]:
        """All that one line says."""
        codes = [self.code(one) for one in people]
        waiting = [
            one
            for one, code in zip(people, codes, strict=True)
            if code is None and any(case["state"].endswith("review") for case in self.cases[one["id"]])
        ]
        rated = [code for one, code in zip(people, codes, strict=True) if completion or is_rated(one)]
        signing = Counter(filter(None, (self.column(case) for one in people for case in self.cases[one["id"]])))
        states = Counter(f"{case['workflow']}.{case['state']}" for one in people for case in self.cases[one["id"]])
        return {
            "total": len(people),
            "registered": sum(code is not None for code in codes),
            "in_review": len(waiting),
            "base": len(rated),
            "parts": {name: sum((code or "")[:2] in part for code in rated) for name, part in PARTS.items()}
            | {"M_CONFIRM": sum(one["id"] in self.left for one in people if completion or is_rated(one))},
            "signing": signing,
            "states": states,
        }
