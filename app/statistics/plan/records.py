"""One graduate as a line of the file: what is held in the roster, and what their current destination says."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.base.clock import day_of
from app.base.values import id_documents
from app.cases.models import CaseMixin
from app.codes import queries as codes
from app.ems.destination import PENDING, SIGNED_AGREEMENT

_SPLIT: Final = {"21": "2", "22": "2", "41": "4", "42": "4"}  # the platform's own split of training modes
_ARMY: Final = "40"  # units of the armed forces have no credit code
_ABROAD: Final = "85"
_PLACES: Final = ("employer", "school_name", "shop", "incubator", "project")
COLUMNS_FILE = Path(__file__).parent / "data" / "columns.csv"


@dataclass(frozen=True)
class PlanColumn:
    """A column: its heading, its short name, the longest value, and for whom it must be filled in.

    `needed` is * (everybody), codes of destinations (`10*` with all below it), or @ and training modes.
    """

    title: str
    name: str
    length: int
    needed: str

    def is_needed(self, line: Mapping[str, str], mode: str) -> bool:
        """Whether a line must have it."""
        if self.needed.startswith("@"):
            return mode in self.needed[1:].split()
        code = line["byqxdm"]
        if self.name == "dwzzjgdm" and line["dwxzdm"] == _ARMY:
            return False
        named = (one.removesuffix("*") for one in self.needed.split() if one.endswith("*"))
        return self.needed == "*" or code in self.needed.split() or any(code.startswith(one) for one in named if one)


@cache
def columns() -> tuple[PlanColumn, ...]:
    """The columns in their order."""
    with COLUMNS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            PlanColumn(one["title"], one["name"], int(one["length"]), one["needed"]) for one in csv.DictReader(file)
        )


def line_of(graduate: Any, case: CaseMixin) -> dict[str, str]:
    """The line under the short names; `case` is what the graduate has in force, None where there is nothing."""
    return {**_person(graduate), **_destination(case)}


def lacking(line: Mapping[str, str], graduate: Any) -> list[str]:
    """The headings of what the line must have and has not."""
    mode = _SPLIT.get(graduate.training_mode, graduate.training_mode)
    return [one.title for one in columns() if not line[one.name] and one.is_needed(line, mode)]


def cells_of(lines: Iterable[Mapping[str, str]]) -> Iterator[Sequence[str]]:
    """The lines as texts in the order of the columns."""
    names = [one.name for one in columns()]
    return ([line[name] for name in names] for line in lines)


def _person(graduate: Any) -> dict[str, str]:
    mode = _SPLIT.get(graduate.training_mode, graduate.training_mode)
    return {
        "xh": graduate.student_number or "",
        "ksh": graduate.exam_number,
        "xm": graduate.name,
        "xb": codes.label("sex", graduate.sex),
        "csrq": _born(graduate),
        "syszd": codes.region_label(graduate.origin_region),
        "syszddm": graduate.origin_region or "",
        "mz": codes.label("ethnicity", graduate.ethnicity),
        "zzmm": codes.label("political_status", graduate.political_status),
        "cxsy": codes.label("origin_kind", graduate.origin_kind),
        "xlcc": codes.label("education_level", graduate.education),
        "zymc": graduate.major,
        "zyfx": graduate.direction or "",
        "zydm": graduate.major_code or "",
        "rxsj": graduate.enrolled_in or "",
        "byrq": graduate.graduated_on.isoformat() if graduate.graduated_on else "",
        "bynf": str(graduate.cohort),
        "pyfs": codes.label("training_mode", mode),
        "dxhwpdw": graduate.commissioned_by or "",
        "xxxs": codes.label("study_form", graduate.study_form),
    }


def _born(graduate: Any) -> str:
    """The day in the ID number; other documents do not tell it."""
    number = graduate.id_number or ""
    if graduate.id_type != id_documents.ID_CARD or len(number) != 18:
        return ""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def _destination(case: CaseMixin) -> dict[str, str]:
    empty = dict.fromkeys((one.name for one in columns()[20:]), "")
    if case is None:
        return {**empty, "byqxdm": PENDING, "byqx": codes.label("destination", PENDING)}
    code, label, told = _registered(case) if case.workflow_name == "destination" else _agreed(case)
    told = {name: str(value or "") for name, value in told.items()}
    words = {
        "dwxz": codes.label("employer_nature", told.get("dwxzdm")),
        "dwhy": codes.label("employer_industry", told.get("dwhydm")),
        "dwszd": codes.region_label(told.get("dwszddm")),
        "gzzwlb": codes.label("job_category", told.get("gzzwlbdm")),
    }
    return {**empty, **told, **words, "byqxdm": code, "byqx": label}


def _agreed(case: Any) -> tuple[str, str, dict[str, Any]]:
    """A signing: its unit as the agreement has it."""
    online = case.workflow_name == "online_signing"
    unit = case.snapshot["employer"] if online else case.data["employer"]
    signed = case.data.get("signed_on") or day_of(case.signed_at).isoformat()
    told = {
        "qyrq": signed,
        "dwmc": unit["name"],
        "dwzzjgdm": unit.get("uscc"),
        "dwxzdm": unit["nature_code"] if online else unit.get("nature"),
        "dwhydm": unit["industry_code"] if online else unit.get("industry"),
        "dwszddm": unit["region_code"] if online else unit.get("region"),
        "dwdz": unit["address"],
        "gzzwlbdm": case.data["position"]["category"],
    }
    return SIGNED_AGREEMENT, codes.label("destination", SIGNED_AGREEMENT), told


def _registered(case: Any) -> tuple[str, str, dict[str, Any]]:
    """A registered destination; sub-types of the platform's own are told under the code above them."""
    filled, code = case.record, case.type
    abroad = code == _ABROAD
    if code.startswith(SIGNED_AGREEMENT):
        code = SIGNED_AGREEMENT
    told = {
        "qyrq": filled.get("signed_on"),
        "dwmc": "" if abroad else next((filled[name] for name in _PLACES if filled.get(name)), ""),
        "dwzzjgdm": filled.get("uscc"),
        "dwxzdm": filled.get("nature"),
        "dwhydm": filled.get("industry"),
        "dwszddm": filled.get("region"),
        "dwdz": filled.get("address"),
        "gzzwlbdm": filled.get("category"),
    }
    if abroad:
        told |= {
            "lxgj": codes.label("country", filled.get("country")),
            "lxyx": filled.get("school_name"),
            "lxyxww": filled.get("school_foreign"),
            "lxzy": filled.get("major"),
            "lxzyww": filled.get("major_foreign"),
        }
    return code, codes.label("destination", code), told
