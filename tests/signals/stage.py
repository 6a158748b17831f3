"""Sets records on the stage that rules find odd, and looks at them as the clock does."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.company_register import queries as register
from app.company_register.queries import UnitState
from app.employers.models import Employer
from app.signals.models import Signal, SignalRecord
from app.signals.records import Look, code_of, look_at
from app.signals.services import apply_rules
from app.signing.online.models import OnlineSigning
from tests.signing.stage import fire, invite, user

QUIET = {"SIGNAL_MANY_GRADUATES_GRADUATES": "2", "SIGNAL_BURST_GRADUATES": "2", "SIGNAL_DEVICE_OF_MANY_GRADUATES": "2"}


def accepted(*numbers: int, unit: str = "employer1", **letter: Any) -> list[OnlineSigning]:
    """Agreements that these graduates have accepted and nobody has reviewed."""
    cases = [invite(user(unit), user(f"graduate{number}"), **letter) for number in numbers]
    for number, case in zip(numbers, cases, strict=True):
        fire(case, "accept", user(f"graduate{number}"))
    return cases


def unit_of(username: str = "employer1") -> Employer:
    """The unit of an account."""
    return session.get_one(Employer, user(username).employer_id)


def look_over(*cases: Any, units: Collection[Employer] = ()) -> None:
    """Apply every rule to these records and units."""
    session.flush()
    apply_rules(look_at(Look(cases={(one.workflow_name, one.id) for one in cases}, codes={code_of(u) for u in units})))


def open_rules() -> set[str]:
    """The rules of which a signal is open."""
    return set(session.scalars(select(Signal.rule).where(Signal.closed_at.is_(None))))


def signal_of(rule: str) -> Signal:
    """The one signal of a rule, as it stands in the database."""
    return session.scalars(select(Signal).where(Signal.rule == rule).execution_options(populate_existing=True)).one()


def shown_by(signal: Signal) -> set[tuple[str, int]]:
    """The records that show it."""
    query = select(SignalRecord.workflow, SignalRecord.case_id).where(SignalRecord.signal_id == signal.id)
    return set(session.execute(query).tuples())


def register_says(unit: Employer, state: str = "存续", **facts: Any) -> None:
    """What is kept of the unit from the company register."""
    register._keep(str(unit.uscc), UnitState(register.FOUND, state, clock.today(), unit.name, **facts))
