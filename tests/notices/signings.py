"""Online signings made through the services, one step a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base import clock
from app.base.database import session, transaction
from app.employers.models import Favorite
from app.notices.models import Notification
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine


def letter(**position: Any) -> dict[str, Any]:
    """A complete invitation letter."""
    facts = {
        "title": "软件工程师",
        "category": "13",
        "region": "110108",
        "salary_month": "8000",
        "report_by": (clock.today() + timedelta(days=60)).isoformat(),
        "contact": "陈经理",
        "phone": "010-66668888",
    }
    return {
        "position": {**facts, **position},
        "archive": {"accept": False},
        "hukou": {"accept": False, "optional": False},
        "clauses": "",
        "valid_until": (clock.today() + timedelta(days=7)).isoformat(),
    }


class Story:
    """One signing between employer1 and a graduate of its favorites (1 and 2: department first; 7, 8, 13: school)."""

    def __init__(self, actor_of: Callable[[str], Actor]) -> None:
        self.actor_of = actor_of
        self.graduate = "graduate7"
        self.case: OnlineSigning | None = None

    def invite(self, graduate: str = "graduate7", **position: Any) -> OnlineSigning:
        """The unit invites; whatever it had with this graduate is forgotten first."""
        self.graduate = graduate
        actor = self.actor_of(graduate)
        outcome = invite_graduates([actor.graduate_id], letter(**position), actor=self.actor_of("employer1"))
        assert outcome.created, outcome.refused
        self.case = outcome.created[0]
        return self.case

    def fire(self, event: str, by: str | None, **data: Any) -> OnlineSigning:
        """Somebody fires an event on the signing; nobody is the program itself."""
        assert self.case is not None
        actor = self.actor_of(by) if by else SYSTEM
        self.case = engine.fire("online_signing", self.case.id, event, actor=actor, data=data)
        return self.case

    def end(self) -> None:
        """Leave the graduate free for the next test."""
        if self.case is None:
            return
        state = session.scalar(select(OnlineSigning.state).where(OnlineSigning.id == self.case.id))
        if state == "invited":
            self.fire("withdraw", "employer1", reason="测试结束")
        elif state in ("dept_review", "school_review"):
            self.fire("abort", self.graduate)
        elif state == "signed":
            schools = {"graduate13": "school10284", "graduate1": "school10001", "graduate2": "school10001"}
            self.fire("void", schools.get(self.graduate, "school10002"), reason="测试结束")


def inbox(user_id: int | None, **values: Any) -> list[Notification]:
    """The notices of a user as they stand in the database, oldest first."""
    query = select(Notification).where(Notification.user_id == user_id).order_by(Notification.id)
    with transaction():
        return list(session.scalars(query.filter_by(**values).execution_options(populate_existing=True)))


def favorites() -> list[Graduate]:
    """Whom employer1 may invite."""
    return list(session.scalars(select(Graduate).join(Favorite, Favorite.graduate_id == Graduate.id)))
