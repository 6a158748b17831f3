"""Sets online signings on the stage in any state, through the services alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor, load_actor
from app.base import clock
from app.base.database import session
from app.employers.favorites.services import add_favorite
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine

STATES = (
    *("invited", "dept_review", "school_review", "signed", "declined", "expired", "withdrawn"),
    *("aborted", "rejected", "terminated", "voided"),
)

ARCHIVE = {
    "accept": True,
    "receiver": "北京市人才服务中心",
    "department": "档案部",
    "address": "广渠路 1 号",
    "postcode": "100022",
    "contact": "周文",
    "phone": "010-67000000",
}


def letter(**changes: Any) -> dict[str, Any]:
    """A complete invitation letter, valid for a week; changes replace top-level parts."""
    today = clock.today()
    return {
        "position": {
            "title": "软件工程师",
            "category": "13",
            "region": "110108",
            "address": "中关村大街 1 号",
            "salary_month": "12000.00",
            "probation_months": 3,
            "probation_salary": "10000.00",
            "report_by": (today + timedelta(days=230)).isoformat(),
            "liquidated_damages": "3000.00",
            "contact": "李敏",
            "phone": "010-62510000",
        },
        "archive": {"accept": False},
        "hukou": {"accept": False, "optional": False},
        "clauses": "甲方提供一年的宿舍。",
        "valid_until": (today + timedelta(days=7)).isoformat(),
        **changes,
    }


def user(username: str) -> Actor:
    """The actor behind a demonstration account, inside an application context."""
    from flask_appbuilder.security.sqla.models import User

    return load_actor(session.scalars(select(User.id).where(User.username == username)).one(), ip="127.0.0.1")


def keep(employer: Actor, graduate: Actor) -> None:
    """Put the graduate into the unit's favorites as a person does, by name, ID number and school."""
    row = session.get_one(Graduate, graduate.graduate_id, options=Graduate.eager_options())
    add_favorite({"name": row.name, "id_number": row.id_number, "school": row.school.name}, actor=employer)


def invite(employer: Actor, graduate: Actor, **changes: Any) -> OnlineSigning:
    """A fresh invitation."""
    keep(employer, graduate)
    outcome = invite_graduates([graduate.graduate_id], letter(**changes), actor=employer)
    assert not outcome.refused, outcome.refused
    return outcome.created[0]


def fire(case: OnlineSigning, event: str, actor: Actor, **data: Any) -> OnlineSigning:
    """One event with its data."""
    return engine.fire("online_signing", case.id, event, actor=actor, data=data)


class Stage:
    """The people of one school with two levels of review, and a way to bring a case into a state."""

    def __init__(self, employer: str, graduate: str, department: str, school: str) -> None:
        self.employer, self.graduate = user(employer), user(graduate)
        self.department, self.school = user(department), user(school)

    def bring(self, state: str) -> OnlineSigning:
        """A new case in `state`."""
        case = invite(self.employer, self.graduate)
        for step in self._way(state):
            step(case)
        session.refresh(case)
        assert case.state == state
        return case

    def _way(self, state: str) -> list[Callable[[OnlineSigning], Any]]:
        accept = lambda case: fire(case, "accept", self.graduate)  # noqa: E731
        by_department = lambda case: fire(case, "approve", self.department)  # noqa: E731
        by_school = lambda case: fire(case, "approve", self.school)  # noqa: E731
        signed = [accept, by_department, by_school]
        return {
            "invited": [],
            "dept_review": [accept],
            "school_review": [accept, by_department],
            "signed": signed,
            "declined": [lambda case: fire(case, "decline", self.graduate)],
            "expired": [_let_it_expire],
            "withdrawn": [lambda case: fire(case, "withdraw", self.employer, reason="岗位取消")],
            "aborted": [accept, lambda case: fire(case, "abort", self.graduate)],
            "rejected": [
                accept,
                lambda case: fire(case, "reject", self.department, reason_code="9", reason="信息有误"),
            ],
            "terminated": [*signed, lambda case: fire(case, "terminate", SYSTEM)],
            "voided": [*signed, lambda case: fire(case, "void", self.school, reason="单位倒闭")],
        }[state]


def _let_it_expire(case: OnlineSigning) -> None:
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        fire(case, "expire", SYSTEM)
