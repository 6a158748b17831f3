"""The stand-in of the company register: the last character of a code decides what it answers."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.fixtures.company_register import code_ending, register_url
from trial.company_register import FAILING, IN_BUSINESS, STATES, UNKNOWN
from trial.demo.country import UNITS

__all__ = ["code_ending", "register_url"]


@pytest.mark.parametrize("last", [*STATES, "8"])
def test_state_follows_from_the_last_character(register_url: str, code_ending: Callable[[str], str], last: str) -> None:
    answer = httpx.get(f"{register_url}/units/{code_ending(last)}").json()
    assert (answer["state"], answer["since"]) == STATES.get(last, IN_BUSINESS)


@pytest.mark.parametrize(("last", "status"), [(FAILING, 503), (UNKNOWN, 404)])
def test_a_fault_and_an_unknown_unit(
    register_url: str, code_ending: Callable[[str], str], last: str, status: int
) -> None:
    assert httpx.get(f"{register_url}/units/{code_ending(last)}").status_code == status


def test_units_of_the_demonstration_are_in_business(register_url: str) -> None:
    for unit in UNITS:
        answer = httpx.get(f"{register_url}/units/{unit.facts['uscc']}")
        assert answer.json()["state"] == IN_BUSINESS[0], unit.facts["name"]


@pytest.mark.parametrize("path", ["/", "/units/", "/units/91110108", "/units/91110108MX5PER7K08/more"])
def test_other_addresses_hold_nothing(register_url: str, path: str) -> None:
    assert httpx.get(register_url + path).status_code == 404
