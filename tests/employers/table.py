"""What 单位身份认证 promises: how a unit proves that it is itself."""

from __future__ import annotations

from typing import Any

from tests.employers import stage_renewal
from tests.employers.stage_verification import STATES, bring
from tests.house.tables import PEOPLE, Expected


def _data(case: Any, event: str) -> dict[str, Any]:
    return {"return": {"reason": "信息有误"}, "confirm_amount": {"amount": case.amount or "1.00"}}.get(event, {})


_OWED = ("due", "returned", "lapsed")
TABLES = (
    Expected(
        "verification",
        STATES,
        {
            ("draft", "submit", "employer"): "in_review",
            ("returned", "submit", "employer"): "in_review",
            ("remitting", "remitted", "operator"): "awaiting_amount",
            ("remitting", "remitted", "system"): "awaiting_amount",
            ("awaiting_amount", "confirm_amount", "employer"): "verified",
            ("in_review", "approve", "operator"): "verified",
            ("in_review", "return", "operator"): "returned",
            ("remitting", "return", "operator"): "returned",
            ("remitting", "return", "system"): "returned",
            ("awaiting_amount", "return", "operator"): "returned",
        },
        begun_by=frozenset({"employer"}),
        bring=bring,
        data=_data,
        people={**PEOPLE, "employer": "employer3"},
        unseen=frozenset({"province", "school", "department", "graduate"}),
        silent=frozenset({"submit"}),
    ),
    Expected(
        "unit_renewal",
        stage_renewal.STATES,
        {
            **{(state, event, "employer"): "review" for state in _OWED for event in ("confirm", "renew")},
            ("review", "approve", "operator"): "renewed",
            ("review", "return", "operator"): "returned",
            **{(state, "expire", "system"): "lapsed" for state in ("due", "returned")},
        },
        begins="open",
        begun_by=frozenset({"system"}),
        bring=stage_renewal.bring,
        data=lambda case, event: {"return": {"reason": "信息有误"}, "renew": stage_renewal.as_it_stands()}.get(
            event, {}
        ),
        unseen=frozenset({"province", "school", "department", "graduate"}),
        silent=frozenset({"confirm", "renew"}),
    ),
)
