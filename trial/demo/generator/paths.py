"""The ways a signing can go: from the invitation to each state of the table, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND
from app.schools.models import DEPARTMENT_FIRST


@dataclass(frozen=True, slots=True)
class Step:
    """One event: who fires it, where it leads, and after at most how many hours."""

    event: str
    role: str
    to_state: str
    hours: int
    reason: str | None = None
    detail: dict[str, Any] | None = None


INVITE: Final = Step("invite", EMPLOYER, "invited", 0)
_TO_DEPARTMENT: Final = Step("accept", GRADUATE, "dept_review", 96)
_TO_SCHOOL: Final = Step("accept", GRADUATE, "school_review", 96)
_PASS_ON: Final = Step("approve", DEPARTMENT, "school_review", 72)
_COMPLETE: Final = Step("approve", SCHOOL, "signed", 72)
_MISSING: Final = {"reason_code": "1"}

Outcomes = tuple[tuple[str, int], ...]

# What a graduate's last signing has come to, per thousand; and an earlier one, which can only have failed or ended.
LAST: Final = (
    *(("signed", 560), ("school_review", 110), ("dept_review", 50), ("invited", 100), ("declined", 50)),
    *(("expired", 45), ("withdrawn", 25), ("aborted", 15), ("rejected", 25), ("terminated", 10), ("voided", 10)),
)
EARLIER: Final = (
    *(("declined", 400), ("expired", 250), ("withdrawn", 120), ("aborted", 60), ("rejected", 100)),
    *(("terminated", 50), ("voided", 20)),
)
# A season that is over has nobody left who waits; the answer has come, or never will.
WHEN_OVER: Final = {"invited": "expired", "dept_review": "signed", "school_review": "signed"}


def pick_state(outcomes: Outcomes, rng: Random) -> str:
    """A state by its weight."""
    chance = rng.random() * 1000
    for state, weight in outcomes:
        chance -= weight
        if chance < 0:
            return state
    return outcomes[0][0]


def steps_to(state: str, review_mode: str, rng: Random) -> tuple[Step, ...]:
    """The events from the invitation on that end in `state`; `dept_review` becomes `school_review` without departments."""
    by_department = review_mode == DEPARTMENT_FIRST
    accepted = (INVITE, _TO_DEPARTMENT) if by_department else (INVITE, _TO_SCHOOL)
    at_school = (*accepted, _PASS_ON) if by_department else accepted
    signed = (*at_school, _COMPLETE)
    if state == "rejected":
        at_department = by_department and rng.random() < 0.4
        role = DEPARTMENT if at_department else SCHOOL
        return (
            *(accepted if at_department else at_school),
            Step("reject", role, "rejected", 72, "岗位信息与实际不符，请核对后重新签约。", _MISSING),
        )
    return {
        "invited": (INVITE,),
        "dept_review": accepted,
        "school_review": at_school,
        "signed": signed,
        "declined": (INVITE, Step("decline", GRADUATE, "declined", 96, "已有其他去向安排。")),
        "expired": (INVITE, Step("expire", SYSTEM_KIND, "expired", 0)),
        "withdrawn": (
            INVITE,
            Step("withdraw", EMPLOYER, "withdrawn", 96, "岗位调整，稍后重新邀请。", {"reason_code": "1"}),
        ),
        "aborted": (*accepted, Step("abort", GRADUATE, "aborted", 24)),
        "terminated": (*signed, Step("terminate", SYSTEM_KIND, "terminated", 600)),
        "voided": (*signed, Step("void", SCHOOL, "voided", 600, "协议信息填写有误，作废后重新签约。")),
    }[state]
