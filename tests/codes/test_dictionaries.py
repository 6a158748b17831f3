"""Every code table can be asked for by name, rooms above can add theirs."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from app.base.errors import NotFound
from app.codes import dictionaries
from app.codes.dictionaries import dictionary, dictionary_names, register_dictionary
from app.codes.seeds import DATA

# What has ended is in no dictionary: nobody can choose it.
TABLES = sorted(path.stem for path in DATA.glob("*.csv") if path.stem != "region_former")
pytestmark = pytest.mark.usefixtures("reference")


def _shipped(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_names_are_those_of_the_shipped_tables() -> None:
    assert set(dictionary_names()) == set(TABLES) | {
        "region_province_city",
        "destination_types",
        "amendable_fields",
    }


@pytest.mark.parametrize("name", TABLES)
def test_dictionary_gives_every_column_of_the_shipped_table(name: str) -> None:
    items = {item["code"]: item for item in dictionary(name)}
    lines = _shipped(name)
    assert len(items) == len(lines)
    for line in lines:
        item = items[line["code"]]
        assert {"code", "label", "parent", "note"} <= item.keys()
        assert {column: item[column] or "" for column in line} == line


def test_provinces_and_cities_are_the_regions_without_counties() -> None:
    items = dictionary("region_province_city")
    assert len(items) == 377
    assert {item["level"] for item in items} == {"province", "city"}


def test_unknown_dictionary_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        dictionary("nothing")
    assert refused.value.code == "unknown_dictionary"


def test_a_room_above_can_register_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "_registered", {})
    register_dictionary("things", lambda day: [{"code": "1", "label": day.isoformat(), "parent": None, "note": ""}])
    assert "things" in dictionary_names()
    assert dictionary("things", date(2027, 1, 31))[0]["label"] == "2027-01-31"
