"""What W6 promises: other destinations."""

from __future__ import annotations

from typing import Any

from tests.destination.stage import REJECT, RETURN, STATES, Stage, example, types
from tests.house.tables import Expected, unheard, upheld

BOUND = ("dept_review", "school_review", "approved")


def _data(_case: Any, event: str) -> dict[str, Any]:
    if event == "amend":
        return {"type": "70", "data": example(types()["70"]), "reason": "与本人核实"}
    return {"return": RETURN, "reject": REJECT}.get(event, {})


TABLES = (
    Expected(
        "destination",
        STATES,
        {
            ("draft", "submit", "graduate"): "dept_review",
            ("returned", "submit", "graduate"): "dept_review",
            ("dept_review", "withdraw", "graduate"): "draft",
            ("dept_review", "approve", "department"): "school_review",
            ("dept_review", "return", "department"): "returned",
            ("dept_review", "reject", "department"): "rejected",
            ("dept_review", "amend", "department"): "dept_review",
            ("school_review", "approve", "school"): "approved",
            ("school_review", "return", "school"): "returned",
            ("school_review", "reject", "school"): "rejected",
            ("school_review", "amend", "school"): "school_review",
            ("approved", "void", "graduate"): "voided",
            ("approved", "void", "system"): "voided",
            ("approved", "replace", "system"): "replaced",
            **upheld(STATES, *BOUND),
        },
        bring=lambda state: Stage().bring(state),
        data=_data,
        unseen=frozenset({"employer"}),
        refused={("school_review", "withdraw", "graduate"): "already_decided"},
        silent=frozenset({"submit", "withdraw", "replace"}) | unheard(STATES, *BOUND),
    ),
)
