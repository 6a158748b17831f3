"""Brings yearly renewals of employer1's unit into any state, through the services alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session, transaction
from app.employers.models import Employer
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.services import open_renewals
from app.workflow import engine
from app.workflow.stages import Stage
from tests.signing.stage import user

STATES = ("due", "review", "returned", "lapsed", "renewed")


def unit() -> Employer:
    """employer1's unit as it is now."""
    return session.get_one(Employer, user("employer1").employer_id, populate_existing=True)


def ending(days: int = 20) -> None:
    """Its verification ends in so many days."""
    with transaction():
        unit().verified_until = clock.now() + timedelta(days=days)


def fire(case: UnitRenewal, event: str, who: str, **data: Any) -> UnitRenewal:
    """One event with its data."""
    actor = SYSTEM if who == "system" else user(who)
    found: UnitRenewal = engine.fire("unit_renewal", case.id, event, actor=actor, data=data)
    return found


def opened() -> UnitRenewal:
    """A renewal that waits for the unit."""
    ending()
    open_renewals()
    mine = (UnitRenewal.employer_id == unit().id, UnitRenewal.stage != Stage.IN_FORCE)
    return session.scalars(select(UnitRenewal).where(*mine)).one()


def bring(state: str) -> UnitRenewal:
    """A new renewal in `state`."""
    case = opened()
    confirm = ("confirm", "employer1", {})
    for event, who, data in {
        "due": (),
        "review": (confirm,),
        "returned": (confirm, ("return", "operator", {"reason": "地址有误"})),
        "lapsed": (("expire", "system", {}),),
        "renewed": (confirm, ("approve", "operator", {})),
    }[state]:
        case = fire(case, event, who, **data)
    assert case.state == state
    return case


def as_it_stands() -> dict[str, Any]:
    """What the form is filled with."""
    names = ("name", "short_name", "job_industry", "type", "nature", "industry", "business_scope", "size", "region")
    return {name: getattr(unit(), name) for name in (*names, "address", "website", "welfare", "intro")}
