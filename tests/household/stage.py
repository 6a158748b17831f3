"""Brings archive and hukou registrations into any state, through the services alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.access.actors import Actor
from app.base.database import session
from app.cases.services import begin_case
from app.codes import queries as codes
from app.household.models import model_of
from app.household.types import FIELDS, NEEDS, TABLES
from app.workflow import engine
from tests.signing.stage import user

STATES = ("draft", "dept_review", "school_review", "returned", "rejected", "approved", "replaced")
RETURN = {"reason": "地址不完整", "fields": {"address": "请写到门牌号"}}
REJECT = {"reason_code": "9", "reason": "信息有误"}
SAMPLE = {
    "receiver": "杭州市人才管理服务中心",
    "region": "330106",
    "address": "文三路 9 号 201 室",
    "contact": "档案科",
    "phone": "0571-85167700",
    "postcode": "310012",
}


def body(kind: str, transfer_type: str = "3", **changes: Any) -> dict[str, Any]:
    """A complete record of a type; a change to None leaves the field out."""
    fields = {name: SAMPLE[name] for name in FIELDS[kind]}
    return {name: value for name, value in {"transfer_type": transfer_type, **fields, **changes}.items() if value}


def kept_of(kind: str, *addresses: str) -> list[str]:
    """How the history tells these: where the hukou goes people live, and a history cannot be sealed anew."""
    return [f"{one[:3]}****" if kind == "hukou" else one for one in addresses]


def types_of(kind: str) -> list[str]:
    """Every type that the code table has."""
    return [code for code, _label in codes.choices(TABLES[kind])]


def declared_types(kind: str) -> list[str]:
    """Every type with its own needs, and one that has none."""
    return [*NEEDS[kind], "9"]


class Stage:
    """A graduate and the reviewers of a school with two levels of review."""

    def __init__(
        self, kind: str, graduate: str = "graduate1", department: str = "dept10001a", school: str = "school10001"
    ) -> None:
        self.kind, self.graduate = kind, user(graduate)
        self.department, self.school = user(department), user(school)

    def create(self, transfer_type: str = "3", *, submit: bool = True, **changes: Any) -> Any:
        """A new record of the graduate."""
        return begin_case(self.kind, body(self.kind, transfer_type, **changes), actor=self.graduate, submit=submit)

    def fire(self, case: Any, event: str, actor: Actor, **data: Any) -> Any:
        """One event with its data."""
        return engine.fire(self.kind, case.id, event, actor=actor, data=data)

    def approve(self, case: Any) -> Any:
        """Both reviewers approve."""
        self.fire(case, "approve", self.department)
        return self.fire(case, "approve", self.school)

    def bring(self, state: str) -> Any:
        """A new case in `state`."""
        case = self.create(submit=state != "draft")
        if state == "school_review":
            self.fire(case, "approve", self.department)
        if state == "returned":
            self.fire(case, "return", self.department, **RETURN)
        if state == "rejected":
            self.fire(case, "reject", self.department, **REJECT)
        if state in ("approved", "replaced"):
            self.approve(case)
        if state == "replaced":
            self.approve(self.create("9"))
        case = reload(case)
        assert case.state == state
        return case

    def in_force(self) -> Any | None:
        """The graduate's approved record."""
        model = model_of(self.kind)
        return session.scalar(
            select(model).where(model.graduate_id == self.graduate.graduate_id, model.state == "approved")
        )


def reload(case: Any) -> Any:
    """The row as the database has it."""
    session.expire_all()
    return session.get_one(type(case), case.id)


def data_of(kind: str, event: str) -> dict[str, Any]:
    """Data with which the event would succeed."""
    return {
        "amend": {**body(kind, "9"), "reason": "更正收件地址"},
        "return": RETURN,
        "reject": REJECT,
        "ems_change": {"record": body(kind, "9", address="新址 1 号")},
    }.get(event, {})
