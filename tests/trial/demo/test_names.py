"""Invented people and units are valid in form, distinct where asked, and the same for the same seed."""

from __future__ import annotations

import csv
from datetime import date
from random import Random

import pytest

from app.base.values import credit_codes, id_numbers, phones
from app.base.values.names import person_name
from app.codes.seeds import DATA
from tests.fixtures.patience import calls_of
from trial.demo import names

BIRTH = date(2004, 2, 29)


def _regions() -> dict[str, str]:
    with (DATA / "region.csv").open(encoding="utf-8") as lines:
        return {line["code"]: line["note"] for line in csv.DictReader(lines)}


def test_same_seed_invents_the_same_people() -> None:
    first, second = Random(7), Random(7)
    assert [names.invented_name(first) for _ in range(50)] == [names.invented_name(second) for _ in range(50)]


def test_names_contain_rare_characters_and_minority_dots() -> None:
    rng = Random(1)
    invented = [names.invented_name(rng, sex) for _ in range(10_000) for sex in ("1", "2")]
    everything = "".join(invented)
    assert {"䶮", "㛃", "·"} <= set(everything)
    assert all(2 <= len(name) <= 12 for name in invented)
    assert len(set(invented)) > 5_000
    assert all(person_name(name) == name for name in invented)


def test_ethnicity_fits_the_name() -> None:
    rng = Random(1)
    assert names.invented_ethnicity(rng, "阿依古丽·买买提") == "05"
    with (DATA / "ethnicity.csv").open(encoding="utf-8") as lines:
        known = {line["code"] for line in csv.DictReader(lines)}
    assert {names.invented_ethnicity(rng, "王芳") for _ in range(2_000)} <= known


@pytest.mark.parametrize("sex", ["1", "2"])
def test_id_numbers_are_valid_and_say_what_was_asked(sex: str) -> None:
    rng = Random(2)
    for _ in range(500):
        number = names.invented_id_number(rng, sex, BIRTH)
        assert id_numbers.is_id_number(number)
        assert id_numbers.birth_date(number) == BIRTH
        assert id_numbers.sex_of(number) == sex


def test_id_numbers_by_serial_are_distinct() -> None:
    rng = Random(3)
    numbers = {names.invented_id_number(rng, "1", BIRTH, serial) for serial in range(20_000)}
    assert len(numbers) == 20_000


def test_id_numbers_lie_in_regions_that_no_card_carries() -> None:
    regions = _regions()
    rng = Random(4)
    used = {names.invented_id_number(rng, "1", BIRTH, serial)[:6] for serial in range(500)}
    assert used
    for code in used:
        assert "placeholder" in regions[code] or "statistical zone" in regions[code], code


def test_credit_codes_are_valid_and_distinct() -> None:
    rng = Random(5)
    codes = [names.invented_credit_code(rng, serial) for serial in range(5_000)]
    assert len(set(codes)) == 5_000
    assert len({code[8:16] for code in codes}) == 5_000
    assert all(
        credit_codes.is_credit_code(code) and credit_codes.organisation_check_character(code[8:16]) == code[16]
        for code in codes
    )
    assert all(credit_codes.is_credit_code(names.invented_credit_code(rng)) for _ in range(500))


def test_mobiles_are_valid_distinct_and_in_the_unopened_range() -> None:
    rng = Random(6)
    mobiles = {names.invented_mobile(rng, serial) for serial in range(5_000)}
    assert len(mobiles) == 5_000
    assert all(phones.is_mobile(mobile) and mobile.startswith("154") for mobile in mobiles)


def test_employer_names_by_serial_are_distinct() -> None:
    rng = Random(8)
    employers = [names.invented_employer_name(rng, serial) for serial in range(20_000)]
    assert len(set(employers)) == 20_000
    assert 25 <= max(len(name) for name in employers) <= 32


def test_inventing_costs_little() -> None:
    """Millions are invented for measurements."""
    rng = Random(9)
    rounds = 500
    for invent in (
        lambda: names.invented_name(rng),
        lambda: names.invented_employer_name(rng),
        lambda: names.invented_id_number(rng, "1", BIRTH),
        lambda: names.invented_credit_code(rng),
        lambda: names.invented_mobile(rng),
    ):
        assert calls_of(lambda invent=invent: [invent() for _ in range(rounds)]) < 200 * rounds  # type: ignore[misc]
