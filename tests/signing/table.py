"""What W1 promises: signing online."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.base import clock
from tests.house.tables import PEOPLE, Expected, upheld
from tests.signing.stage import STATES, Stage

DATA = {
    "withdraw": {"reason": "岗位取消"},
    "extend": {"valid_until": (clock.today() + timedelta(days=20)).isoformat()},
    "decline": {"reason": "另有去向"},
    "reject": {"reason_code": "9", "reason": "信息有误"},
    "edit_category": {"category": "21"},
    "void": {"reason": "双方协商一致"},
}
AMENDMENT = {"id": 1, "number": "1-1", "at": "2026-11-29T12:00:00+08:00", "changes": {}}


def _data(case: Any, event: str) -> dict[str, Any]:
    return {"terms": case.data, "amendment": AMENDMENT} if event == "amend" else DATA.get(event, {})


SIDES = tuple(PEOPLE[kind] for kind in ("employer", "graduate", "department", "school"))
TABLES = (
    Expected(
        "online_signing",
        STATES,
        {
            ("invited", "accept", "graduate"): "dept_review",
            ("invited", "decline", "graduate"): "declined",
            ("invited", "withdraw", "employer"): "withdrawn",
            ("invited", "remind", "employer"): "invited",
            ("invited", "extend", "employer"): "invited",
            ("dept_review", "abort", "graduate"): "aborted",
            ("dept_review", "approve", "department"): "school_review",
            ("dept_review", "reject", "department"): "rejected",
            ("school_review", "approve", "school"): "signed",
            ("school_review", "reject", "school"): "rejected",
            ("signed", "edit_category", "school"): "signed",
            ("signed", "void", "school"): "voided",
            ("signed", "terminate", "system"): "terminated",
            ("signed", "amend", "system"): "signed",
            **upheld(STATES, "dept_review", "school_review", "signed"),
        },
        bring=lambda state: Stage(*SIDES).bring(state),
        begins="invite",
        begun_by=frozenset({"employer"}),
        data=_data,
        refused={
            ("invited", "expire", "system"): "still_valid",
            ("school_review", "abort", "graduate"): "already_decided",
        },
    ),
)
