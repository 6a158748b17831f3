"""Sets objections on the stage in any state, through the services alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from app.base.database import session, transaction
from app.cases.services import begin_case
from app.employers.models import Employer
from app.flags.models import UnitWarning
from app.flags.services import add_warning
from app.objection.flags.models import FlagObjection
from app.objection.models import Objection
from app.workflow import engine
from tests.signing.stage import Stage as Signing
from tests.signing.stage import user

STATES = ("open", "inquiry", "explained", "upheld", "dismissed", "withdrawn")
TEXT = "我没有与这家单位签约，也没有收到过验证码。"
EXPLAIN = {"text": "系辅导员误操作，附情况说明。"}
FINDING = {"reason": "经与本人和单位核实。"}


def signing(state: str = "signed", graduate: str = "graduate1") -> Any:
    """A record to object to."""
    return Signing("employer1", graduate, "dept10001a", "school10001").bring(state)


def object_to(record: Any, graduate: str = "graduate1") -> Objection:
    """The graduate says that it is not true."""
    body = {"workflow": record.workflow_name, "case_id": record.id, "text": TEXT}
    case: Objection = begin_case("objection", body, actor=user(graduate))
    return case


def fire(case: Objection, event: str, who: str, **data: Any) -> Objection:
    """One event with its data."""
    return engine.fire("objection", case.id, event, actor=user(who), data=data)


def bring(state: str) -> Objection:
    """A new objection to an agreement in force, in `state`."""
    case = object_to(signing())
    for event, who, data in {
        "open": (),
        "inquiry": (("inquire", "province11", {}),),
        "explained": (("inquire", "province11", {}), ("explain", "school10001", EXPLAIN)),
        "upheld": (("uphold", "province11", FINDING),),
        "dismissed": (("inquire", "province11", {}), ("dismiss", "province11", FINDING)),
        "withdrawn": (("inquire", "province11", {}), ("withdraw", "graduate1", {})),
    }[state]:
        case = fire(case, event, who, **data)
    assert case.state == state
    return case


FLAG_STATES = ("open", "upheld", "rejected")


def bring_flag(state: str) -> FlagObjection:
    """A new objection of employer1's unit to a new mark of school 10001, in `state`."""
    unit, school = session.get_one(Employer, user("employer1").employer_id), user("school10001")
    with transaction():
        session.execute(delete(UnitWarning).where(UnitWarning.uscc == unit.uscc))
    marked = add_warning({"uscc": unit.uscc, "name": unit.name, "kinds": ["1"], "reason": "收取押金"}, actor=school)
    case = begin_case("flag_objection", {"warning_id": marked.id, "text": "不实"}, actor=user("employer1"))
    if state != "open":
        event, data = ("approve", {"note": "已核实"}) if state == "upheld" else ("reject", FINDING)
        case = engine.fire("flag_objection", case.id, event, actor=school, data=data)
    found: FlagObjection = case
    return found
