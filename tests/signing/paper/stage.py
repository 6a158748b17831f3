"""Sets signings on paper on the stage in any state, through the services alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.workflow import engine
from tests.signing.stage import user

OFFLINE_STATES = (
    *("draft", "agreement_dept_review", "agreement_school_review", "agreement_returned", "agreement_rejected"),
    *("agreement_approved", "dept_review", "school_review", "returned", "rejected", "signed", "terminated", "voided"),
)
SUPPLEMENTARY_STATES = (
    *("draft", "dept_review", "school_review", "returned", "rejected", "signed", "terminated", "voided"),
)
RETURN = {"reason": "单位地址不完整", "fields": {"employer.address": "请写到门牌号"}}
REJECT = {"reason_code": "9", "reason": "信息有误"}
VOID = {"reason": "双方协商一致"}
UNIT = {
    "name": "清河木器厂",
    "uscc": "91130104MA08Y7FL6L",
    "nature": "39",
    "industry": "22",
    "region": "130104",
    "address": "工农路 1 号",
    "contact": "王平",
    "phone": "13800002222",
}


def application(**changes: Any) -> dict[str, Any]:
    """A complete application for an offline signing; changes replace top-level parts."""
    return {
        "employer": dict(UNIT),
        "position": {
            "title": "设计员",
            "category": "13",
            "region": "130104",
            "address": "工农路 1 号",
            "salary_month": "6500.00",
            "report_by": (clock.today() + timedelta(days=200)).isoformat(),
            "contact": "王平",
            "phone": "13800002222",
        },
        "archive": {"accept": False},
        "hukou": {"accept": False, "optional": False},
        "clauses": "甲方提供宿舍。",
        **changes,
    }


def registration(**changes: Any) -> dict[str, Any]:
    """A complete supplementary registration."""
    return application(signed_on=(clock.today() - timedelta(days=20)).isoformat(), **changes)


def picture(shade: int = 90) -> bytes:
    """A small JPEG."""
    file = io.BytesIO()
    Image.new("RGB", (60, 80), (shade, 120, 150)).save(file, "JPEG")
    return file.getvalue()


def upload(shade: int = 90, name: str = "scan.jpg") -> FileStorage:
    """A picture as a form sends it."""
    return FileStorage(io.BytesIO(picture(shade)), filename=name)


class PaperStage:
    """The people of one school with two levels of review, and a way to bring a case into a state."""

    def __init__(
        self, graduate: str = "graduate1", department: str = "dept10001a", school: str = "school10001"
    ) -> None:
        self.graduate, self.department, self.school = user(graduate), user(department), user(school)

    def fire(self, case: Any, event: str, who: str, **data: Any) -> Any:
        """One event with its data."""
        actor = SYSTEM if who == "system" else getattr(self, who)
        return engine.fire(case.workflow_name, case.id, event, actor=actor, data=data)

    def attach(self, case: Any, kind: str, shade: int = 90) -> Any:
        """A picture of this kind by the graduate."""
        return attach_file(case.workflow_name, case.id, kind, upload(shade), actor=self.graduate)

    def offline(self, state: str) -> Any:
        """A new offline signing in `state`."""
        case = begin_case("offline_signing", application(), actor=self.graduate, submit=False)
        return self._bring(case, state, self._offline_way(state))

    def supplementary(self, state: str) -> Any:
        """A new supplementary registration in `state`."""
        case = begin_case("supplementary", registration(), actor=self.graduate, submit=False)
        self.attach(case, "paper_agreement")
        return self._bring(case, state, self._supplementary_way(state))

    def bring(self, workflow: str, state: str) -> Any:
        """A new case of this workflow in `state`."""
        return self.offline(state) if workflow == "offline_signing" else self.supplementary(state)

    def _bring(self, case: Any, state: str, way: list[Callable[[Any], Any]]) -> Any:
        for step in way:
            step(case)
        session.refresh(case)
        assert case.state == state
        return case

    def _step(self, event: str, who: str, **data: Any) -> Callable[[Any], Any]:
        return lambda case: self.fire(case, event, who, **data)

    def _supplementary_way(self, state: str) -> list[Callable[[Any], Any]]:
        submit, review = self._step("submit", "graduate"), self._step("approve", "department")
        signed = [submit, review, self._step("approve", "school")]
        return {
            "draft": [],
            "dept_review": [submit],
            "school_review": [submit, review],
            "returned": [submit, self._step("return", "department", **RETURN)],
            "rejected": [submit, review, self._step("reject", "school", **REJECT)],
            "signed": signed,
            "terminated": [*signed, self._step("terminate", "system")],
            "voided": [*signed, self._step("void", "school", **VOID)],
        }[state]

    def _offline_way(self, state: str) -> list[Callable[[Any], Any]]:
        submit, review = self._step("submit", "graduate"), self._step("approve", "department")
        approved = [submit, review, self._step("approve", "school")]
        second = [*approved, lambda case: self.attach(case, "stamped_agreement"), self._step("upload", "graduate")]
        signed = [*second, review, self._step("approve", "school")]
        return {
            "draft": [],
            "agreement_dept_review": [submit],
            "agreement_school_review": [submit, review],
            "agreement_returned": [submit, self._step("return", "department", **RETURN)],
            "agreement_rejected": [submit, review, self._step("reject", "school", **REJECT)],
            "agreement_approved": approved,
            "dept_review": second,
            "school_review": [*second, review],
            "returned": [*second, self._step("return", "department", **RETURN)],
            "rejected": [*second, review, self._step("reject", "school", **REJECT)],
            "signed": signed,
            "terminated": [*signed, self._step("terminate", "system")],
            "voided": [*signed, self._step("void", "school", **VOID)],
        }[state]
