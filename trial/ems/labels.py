"""Labels of the national codes, for the pages; a code without a label is shown as it is."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path

from app.codes.record_fields import ARCHIVE, DESTINATION, FIELDS, HUKOU
from trial.ems.fields import TABLES

# The tables of the data standard are public reference data that both systems read; no program is shared.
_FOLDER = Path(os.environ.get("EMS_STANDIN_CODES", Path(__file__).resolve().parents[2] / "app" / "codes" / "data"))
# Middle levels that only group counties and that nobody says.
_FILLERS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_TABLE_OF_FIELD = {
    **TABLES,
    **{one.name: one.table for one in FIELDS[DESTINATION] if one.table},
    **{f"{kind}.transfer_type": f"{kind}_transfer_type" for kind in (ARCHIVE, HUKOU)},
}


@cache
def table(name: str) -> dict[str, str]:
    """Code -> label of one table; empty when the table is not there."""
    path = _FOLDER / f"{name}.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row["code"]: row["label"] for row in csv.DictReader(lines)}


def choices(field: str) -> list[tuple[str, str]]:
    """What may be chosen for a field in a form; empty when the field is free text or has too many codes."""
    name = _TABLE_OF_FIELD.get(field)
    return [] if name is None or name == "region" else list(table(name).items())


def label_of(field: str, value: str | None) -> str:
    """The label of a field's code, or the value itself."""
    if not value:
        return ""
    name = _TABLE_OF_FIELD.get(field)
    if name == "region":
        return _region(value)
    return table(name).get(value, value) if name else value


def _region(code: str) -> str:
    regions = table("region")
    parts = [regions.get(code[:end].ljust(6, "0"), "") for end in (2, 4, 6)]
    return "".join(dict.fromkeys(part for part in parts if part and part not in _FILLERS)) or code
