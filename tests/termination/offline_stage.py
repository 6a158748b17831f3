"""Sets signings on paper and their terminations on the stage in any state, through the services alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.access.actors import Actor
from app.base.database import session
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.roster.models import Graduate
from app.schools.models import SchoolSetting
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.workflow import engine
from tests.documents.pictures import picture
from tests.signing.paper.stage import UNIT, application, registration
from tests.signing.stage import user

STATES = ("draft", "dept_review", "school_review", "returned", "rejected", "approved")
WHY = {"reason_code": "16", "reason": "已与单位协商一致"}
REJECT = {"reason_code": "6", "reason": "解约函没有盖章"}
RETURN = {"reason": "请补充材料", "fields": {"termination_letter": "看不清公章"}}
EXPLANATION = "已与单位电话核实，单位不出具解约函"


UNIT_OF_W5 = {**UNIT, "name": "华北精密机械制造有限公司", "uscc": "91110108551385082Q"}


def photo(name: str = "photo.jpg") -> FileStorage:
    """A picture as a browser sends it."""
    return FileStorage(io.BytesIO(picture()), filename=name)


def fire(case: Any, event: str, actor: Actor, **data: Any) -> Any:
    """One event with its data."""
    return engine.fire(case.workflow_name, case.id, event, actor=actor, data=data)


def allow(graduate: Actor, most: int) -> None:
    """The school's number of applications a graduate may submit (R3.4)."""
    row = session.get_one(Graduate, graduate.graduate_id)
    query = select(SchoolSetting).where(
        SchoolSetting.school_id == row.school_id,
        SchoolSetting.cohort == row.cohort,
        SchoolSetting.module == "employment",
    )
    session.scalars(query).one().max_terminations = most
    session.commit()


class Desk:
    """The people of one school, and ways to bring signings and terminations into a state."""

    def __init__(self, graduate: str, school: str, department: str | None = None) -> None:
        self.graduate, self.school = user(graduate), user(school)
        self.department = user(department) if department else None

    def registered(self) -> Any:
        """A signed supplementary registration (W3)."""
        case = begin_case("supplementary", registration(employer=UNIT_OF_W5), actor=self.graduate, submit=False)
        attach_file("supplementary", case.id, "paper_agreement", photo(), actor=self.graduate)
        fire(case, "submit", self.graduate)
        return self.approve(case)

    def printed(self) -> Any:
        """A signed offline signing (W2): reviewed, printed, stamped, reviewed again."""
        case = begin_case("offline_signing", application(employer=UNIT_OF_W5), actor=self.graduate)
        self.approve(case)
        attach_file("offline_signing", case.id, "stamped_agreement", photo(), actor=self.graduate)
        fire(case, "upload", self.graduate)
        return self.approve(case)

    def approve(self, case: Any, **data: Any) -> Any:
        """Through all rounds of review that the school has."""
        if case.state.endswith("dept_review"):
            assert self.department is not None
            fire(case, "approve", self.department)
        return fire(case, "approve", self.school, **data)

    def draft(self, signing: Any, *papers: str, **why: Any) -> OfflineTermination:
        """A draft with these papers."""
        body = {"signing_workflow": signing.workflow_name, "signing_id": signing.id, **(why or WHY)}
        case = begin_case("offline_termination", body, actor=self.graduate, submit=False)
        for kind in papers:
            self.attach(case, kind)
        return case

    def attach(self, case: OfflineTermination, kind: str = LETTER) -> Any:
        """Put a picture to it."""
        return attach_file(case.workflow_name, case.id, kind, photo(), actor=self.graduate)

    def submitted(self, signing: Any, *papers: str) -> OfflineTermination:
        """Handed in, with the letter unless told otherwise."""
        return fire(self.draft(signing, *(papers or (LETTER,))), "submit", self.graduate)

    def bring(self, state: str, signing: Any | None = None) -> OfflineTermination:
        """A new application in `state`, with letter and statement, about a new signing unless one is given."""
        case = self.draft(signing or self.registered(), LETTER, STATEMENT)
        for step in self._way(state):
            step(case)
        session.refresh(case)
        assert case.state == state
        return case

    def _way(self, state: str) -> list[Callable[[OfflineTermination], Any]]:
        submit = lambda case: fire(case, "submit", self.graduate)  # noqa: E731
        department = [lambda case: fire(case, "approve", self.department)] if self.department else []
        first = self.department or self.school
        return {
            "draft": [],
            "dept_review": [submit],
            "school_review": [submit, *department],
            "returned": [submit, lambda case: fire(case, "return", first, **RETURN)],
            "rejected": [submit, lambda case: fire(case, "reject", first, **REJECT)],
            "approved": [submit, *department, lambda case: fire(case, "approve", self.school, settlement="mutual")],
        }[state]
