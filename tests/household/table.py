"""What W7 and W8 promise: where archive and hukou go."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.house.tables import Expected, upheld
from tests.household.stage import STATES, Stage, data_of

# Only 户口不在学校 is approved without a review.
REVIEWED = {(state, "approve_unreviewed", "system"): "needs_review" for state in ("dept_review", "school_review")}


def _bring(kind: str, state: str) -> Any:
    return Stage(kind).bring(state)


TABLES = tuple(
    Expected(
        kind,
        STATES,
        {
            ("draft", "submit", "graduate"): "dept_review",
            ("returned", "submit", "graduate"): "dept_review",
            ("dept_review", "withdraw", "graduate"): "draft",
            ("dept_review", "amend", "department"): "dept_review",
            ("school_review", "amend", "school"): "school_review",
            ("dept_review", "approve", "department"): "school_review",
            ("school_review", "approve", "school"): "approved",
            ("dept_review", "return", "department"): "returned",
            ("school_review", "return", "school"): "returned",
            ("dept_review", "reject", "department"): "rejected",
            ("school_review", "reject", "school"): "rejected",
            ("approved", "replace", "system"): "replaced",
            ("approved", "ems_change", "system"): "approved",
            **upheld(STATES),
        },
        bring=partial(_bring, kind),
        data=lambda case, event: data_of(case.workflow_name, event),
        unseen=frozenset({"employer"}),
        refused={("school_review", "withdraw", "graduate"): "already_decided", **refused},
        silent=frozenset({"submit", "withdraw", "replace", "uphold"}),
    )
    for kind, refused in (("archive", {}), ("hukou", REVIEWED))
)
