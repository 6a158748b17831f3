"""What is written down of an archive on its way, and how the list follows what graduates confirm."""

from __future__ import annotations

from typing import Any

from app.access.actors import SYSTEM
from app.leaving.dispatch.models import TO_BE_RECEIVED, Dispatch
from app.leaving.dispatch.queries import dispatch_of, receiver_in
from app.leaving.dispatch.services import put_on_the_list
from app.leaving.queries import leaving_of
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context
from app.workflow.waiting import lengthen


def note_sent(context: Context[Dispatch]) -> None:
    """How, when, under which number; of an earlier dispatch the history tells."""
    case, data = context.case, context.data
    case.way, case.sent_on, case.tracking_number = data["way"], data["sent_on"], data["tracking_number"]
    case.received_on = case.returned_on = None
    case.data = {name: value for name, value in case.data.items() if name != "received_by"}
    lengthen(case, case.moment_due(TO_BE_RECEIVED, context.at))
    context.kept["changes"] = {"sent": [None, [case.way, data["sent_on"].isoformat(), case.tracking_number]]}


def note_received(context: Context[Dispatch]) -> None:
    """The receipt; who has signed stands on the record alone, not in the history."""
    case, data = context.case, context.data
    case.received_on = data["received_on"]
    case.data = {**case.data, **({"received_by": data["received_by"]} if data["received_by"] else {})}
    context.kept["changes"] = {"received": [None, [data["received_on"].isoformat()]]}


def note_returned(context: Context[Dispatch]) -> None:
    """It lies at the school again, and goes where the graduate has it registered by now."""
    case = context.case
    case.returned_on = context.data["returned_on"]
    context.kept["changes"] = {"returned": [None, [case.returned_on.isoformat()]]}
    take_over_receiver(context)


def take_over_receiver(context: Context[Dispatch]) -> None:
    """Receiver and number as the graduate has confirmed them; while that is done again, as they were."""
    case, leaving = context.case, leaving_of(context.case.graduate_id)
    receiver = receiver_in(leaving)
    if leaving is not None and receiver is not None:
        case.number, case.data = leaving.transfer_number, receiver


def follow_leaving(context: Context[Any]) -> None:
    """A confirmed receiver puts the archive on the list, changes where it goes, or takes it off where it stays."""
    leaving = context.case
    if context.workflow.name != "leaving" or leaving.stage != Stage.IN_FORCE or context.origin == leaving.state:
        return
    goes, case = receiver_in(leaving) is not None, dispatch_of(leaving.graduate_id, hold=True)
    if case is None:
        if goes:
            put_on_the_list(leaving)
    elif case.is_here and case.stage != Stage.ENDED and not goes:
        engine.fire("dispatch", case.id, "drop", actor=SYSTEM)
    elif case.is_here and goes:
        engine.fire("dispatch", case.id, "renew", actor=SYSTEM)
