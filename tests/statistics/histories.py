"""Random histories of graduates, through the services: everything that can happen to a record, in any order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import AppError
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.destination.models import Destination
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.schools.models import Department
from app.signing.online.models import OnlineSigning
from app.signing.paper.models import OfflineSigning, Supplementary
from app.termination.offline.models import OfflineTermination
from app.termination.online.models import OnlineTermination
from app.workflow import engine
from tests.destination.stage import ready
from tests.signing.paper.stage import UNIT, application, registration, upload
from tests.signing.stage import invite, user
from tests.termination.offline_stage import EXPLANATION, allow
from tests.termination.stage import BY_GRADUATE, BY_UNIT, FORCE, ask

PEOPLE = {
    **dict.fromkeys(("graduate1", "graduate2", "graduate3"), ("dept10001a", "school10001")),
    **dict.fromkeys(("graduate4", "graduate5", "graduate6"), ("dept10001b", "school10001")),
    **dict.fromkeys(("graduate7", "graduate8", "graduate9", "graduate10"), ("school10002", "school10002")),
    **dict.fromkeys(("graduate13", "graduate14"), ("school10284", "school10284")),
}
CODES = ("11", "12", "271", "46", "503", "512", "751", "76", "801", "85", "70", "71", "72", "10A")
WHY = {"reason_code": "9", "reason": "信息有误"}
SIGNINGS = (OnlineSigning, OfflineSigning, Supplementary)
REVIEWED = (*SIGNINGS, Destination, OnlineTermination, OfflineTermination)


class Life:
    """One random history; the same seed lives the same life."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.done: list[str] = []
        for name in PEOPLE:
            allow(user(name), 9)

    def live(self, steps: int) -> None:
        """So many tries, of which those that a rule refuses change nothing."""
        ways: list[Callable[[], Any]] = [
            *(self.online, self.online, self.paper, self.register, self.register, self.review, self.review),
            *(self.review, self.review, self.end, self.terminate, self.answer, self.presence, self.move, self.study),
        ]
        for _step in range(steps):
            way = self.random.choice(ways)
            try:
                way()
                session.commit()
                self.done.append(way.__name__)
            except (AppError, AssertionError, IndexError):
                session.rollback()
            session.expunge_all()

    # What people do --------------------------------------------------------------------------------------------------

    def online(self) -> None:
        """An invitation and its answer."""
        unit, graduate = user(self.random.choice(("employer1", "employer2"))), self._anybody()
        case = invite(unit, graduate)
        event = self.random.choice(("", "accept", "accept", "accept", "decline", "withdraw"))
        if event:
            self._fire(case, event, unit if event == "withdraw" else graduate, reason="岗位取消")

    def paper(self) -> None:
        """An application on paper, or one that was signed before."""
        graduate = self._anybody()
        changes = {"employer": {**UNIT, "nature": self.random.choice(("10", "29", "39")), "industry": "22"}}
        if self.random.random() < 0.5:
            case = begin_case("offline_signing", application(**changes), actor=graduate, submit=False)
        else:
            case = begin_case("supplementary", registration(**changes), actor=graduate, submit=False)
            attach_file("supplementary", case.id, "paper_agreement", upload(), actor=graduate)
        self._fire(case, "submit", graduate)

    def register(self) -> None:
        """A destination."""
        graduate = self._anybody()
        self._fire(ready(graduate, self.random.choice(CODES)), "submit", graduate)

    def review(self) -> None:
        """A verdict on something; a stamped copy where one is awaited."""
        case = self._any(REVIEWED, lambda one: one.state.endswith("review") or one.state == "agreement_approved")
        if case.state == "agreement_approved":
            graduate = self._graduate_of(case)
            attach_file("offline_signing", case.id, "stamped_agreement", upload(), actor=graduate)
            self._fire(case, "upload", graduate)
            return
        reviewer = self._reviewer(case, 0 if case.state.endswith("dept_review") else 1)
        event = self.random.choice(("approve", "approve", "approve", "reject", "return"))
        data: dict[str, Any] = {} if event == "approve" else WHY if event == "reject" else {"reason": "请核对"}
        if event == "approve" and isinstance(case, OfflineTermination):
            data = {"settlement": "unilateral", "explanation": EXPLANATION}
        self._fire(case, event, reviewer, **data)

    def end(self) -> None:
        """Something in force is declared void."""
        case = self._any((*SIGNINGS, Destination), lambda one: one.stage == "in_force")
        who = self._graduate_of(case) if isinstance(case, Destination) else self._reviewer(case, 1)
        self._fire(case, "void", who, reason="双方协商一致")

    def terminate(self) -> None:
        """Somebody wants to be released."""
        case = self._any(SIGNINGS, lambda one: one.stage == "in_force")
        graduate = self._graduate_of(case)
        if isinstance(case, OnlineSigning):
            unit = user("employer1" if user("employer1").employer_id == case.employer_id else "employer2")
            starter = self.random.choice((graduate, unit))
            ask(case, starter, **(BY_GRADUATE if starter is graduate else BY_UNIT))
            return
        body = {"signing_id": case.id, "workflow": case.workflow_name, "reason_code": "16", "reason": "另有去向"}
        begun = begin_case("offline_termination", body, actor=graduate, submit=False)
        attach_file("offline_termination", begun.id, "statement", upload(), actor=graduate)
        self._fire(begun, "submit", graduate)

    def answer(self) -> None:
        """The other side answers, or the one that asked thinks better of it, or the school decides."""
        case = self._any((OnlineTermination,), lambda one: one.stage == "asked")
        unit = user("employer1" if user("employer1").employer_id == case.employer_id else "employer2")
        graduate = self._graduate_of(case)
        first, other = (graduate, unit) if case.started_by == "graduate" else (unit, graduate)
        event = self.random.choice(("agree", "refuse", "withdraw", "force"))
        who = {"withdraw": first, "force": self._reviewer(case, 1)}.get(event, other)
        self._fire(case, event, who, **(FORCE if event == "force" else {"reason": "请继续履行"}))

    # What happens to the roster --------------------------------------------------------------------------------------

    def presence(self) -> None:
        """Somebody is removed from the roster, or comes back."""
        row = self._row()
        set_roster_presence(row.id, present=row.invalid_since is not None, actor=SYSTEM)

    def move(self) -> None:
        """Another department of the school; the records keep what they had."""
        row = self._row()
        places = session.scalars(select(Department).where(Department.school_id == row.school_id)).all()
        row.department_id = self.random.choice(places).id

    def study(self) -> None:
        """Another major, education, origin or hardship."""
        row: Any = self._row()
        row.major = self.random.choice(("哲学", "数学", row.major))
        row.education = self.random.choice(("31", "31", "33", "11", "13"))
        row.origin_region = self.random.choice(("320102", "110108", "371302"))
        row.hardship = self.random.choice(("0", "1", "2"))

    # Who and what ----------------------------------------------------------------------------------------------------

    def _anybody(self) -> Actor:
        return user(self.random.choice(list(PEOPLE)))

    def _row(self) -> Graduate:
        return session.get_one(Graduate, self._anybody().graduate_id)

    def _any(self, models: Any, wanted: Callable[[Any], bool]) -> Any:
        mine = [user(name).graduate_id for name in PEOPLE]
        found = [
            one
            for model in models
            for one in session.scalars(select(model).where(model.graduate_id.in_(mine)).order_by(model.id))
            if wanted(one)
        ]
        return self.random.choice(found)

    def _name_of(self, case: Any) -> str:
        return next(name for name in PEOPLE if user(name).graduate_id == case.graduate_id)

    def _graduate_of(self, case: Any) -> Actor:
        return user(self._name_of(case))

    def _reviewer(self, case: Any, level: int) -> Actor:
        return user(PEOPLE[self._name_of(case)][level])

    def _fire(self, case: Any, event: str, actor: Actor, **data: Any) -> Any:
        return engine.fire(case.workflow_name, case.id, event, actor=actor, data=data)
