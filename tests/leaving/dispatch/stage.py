"""Sets archives on their way on the stage in any state, through the services alone."""

from __future__ import annotations

from typing import Any

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import dispatch_of
from app.workflow import engine
from tests.household.stage import Stage as Household
from tests.leaving.stage import confirmed, fire, now
from tests.signing.stage import user

STATES = ("waiting", "sent", "missed", "received", "returned", "dropped")
OWN_COLLEGE = "6"  # the archive stays


def send_data(**other: Any) -> dict[str, Any]:
    """EMS, today."""
    return {"way": "2", "sent_on": str(clock.today()), "tracking_number": "1123456789012", **other}


def receive_data() -> dict[str, Any]:
    """Today."""
    return {"received_on": str(clock.today()), "received_by": "收发室 王"}


def bounce_data() -> dict[str, Any]:
    """Today."""
    return {"returned_on": str(clock.today()), "reason": "收件地址不详，邮局退回。"}


DATA = {"send": send_data, "correct": send_data, "receive": receive_data, "bounce": bounce_data}
_WAYS = {
    "waiting": (),
    "sent": ("send",),
    "missed": ("send", "escalate"),
    "received": ("send", "receive"),
    "returned": ("send", "bounce"),
}


def waiting(graduate: str = "graduate1") -> Dispatch:
    """The archive of a graduate who has confirmed where it goes."""
    confirmed("archive", graduate=graduate)
    return of(graduate)


def of(graduate: str = "graduate1") -> Dispatch:
    """The dispatch as the database has it."""
    session.expire_all()
    case = dispatch_of(user(graduate).graduate_id or 0)
    assert case is not None
    return case


def step(case: Dispatch, event: str, who: str = "school10001", **data: Any) -> Dispatch:
    """One event of the archive office."""
    return engine.fire("dispatch", case.id, event, actor=user(who), data=data or DATA[event]())


def confirm_again(transfer_type: str = "3", graduate: str = "graduate1", **changes: Any) -> None:
    """The graduate registers another receiver, or that it stays, and confirms everything once more."""
    household = Household("archive", graduate)
    household.approve(household.create(transfer_type, **changes))
    fire(now(graduate), "confirm", graduate)


def bring(state: str) -> Dispatch:
    """A new dispatch in `state`."""
    case = waiting()
    if state == "dropped":
        confirm_again(OWN_COLLEGE)
        case = of()
    for event in _WAYS.get(state, ()):
        case = step(case, event) if event in DATA else engine.fire("dispatch", case.id, event, actor=SYSTEM)
    assert case.state == state
    return case
