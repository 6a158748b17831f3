"""Units and their users come into the platform with checked data, one unit for each credit code (R5.1)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.access.actors import SYSTEM, Actor
from app.base.errors import Conflict, Forbidden, Invalid
from app.employers.services import register_unit, unit_by_code
from trial.demo.country import UNITS
from trial.demo.names import invented_credit_code

CODE = "91110108MX5PER7K08"


def _facts(**values: Any) -> dict[str, Any]:
    return {**UNITS[0].facts, "uscc": invented_credit_code(Random(9), 500_001), **values}


def test_unit_is_kept_unverified(app_context: Flask) -> None:
    unit = register_unit(_facts(), actor=SYSTEM)
    assert unit.verified_at is None
    assert unit_by_code(unit.uscc) is unit


def test_second_unit_of_the_same_code_is_refused(app_context: Flask) -> None:
    with pytest.raises(Conflict) as refusal:
        register_unit(_facts(uscc=f" {CODE.lower()} "), actor=SYSTEM)
    assert refusal.value.code == "unit_exists"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("uscc", "91110108MX5PER8K08"), ("type", "0"), ("nature", "00"), ("industry", "x"), ("size", "8")],
)
def test_wrong_field_is_named(field: str, value: str, app_context: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        register_unit(_facts(**{field: value}), actor=SYSTEM)
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("username", ["employer1", "school10001", "graduate1"])
def test_only_the_program_registers_units(username: str, actor_of: Callable[[str], Actor], app_context: Flask) -> None:
    with pytest.raises(Forbidden):
        register_unit(_facts(), actor=actor_of(username))
