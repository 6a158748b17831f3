"""How a destination is written by its graduate: which type, and the record of that type (R7.9)."""

from __future__ import annotations

from app.access.actors import Actor
from app.cases.services import Body, Writing, own_graduate
from app.destination.forms import DestinationForm, named_type, read_record
from app.destination.guards import refuse_other_types
from app.destination.models import Destination


def _open(body: Body, actor: Actor) -> Destination:
    del body
    case: Destination = Destination.of(own_graduate(actor), type="", data={"type": "", "data": {}})
    return case


def _write(case: Destination, body: Body, *, actor: Actor, whole: bool) -> None:
    """Kinds and codes alone: what is missing, proofs too, is found when it is handed in."""
    del actor, whole
    kind = named_type(body)
    refuse_other_types(case.graduate, kind)
    sent = body.get("data")
    record = read_record(kind, {} if sent is None else sent, complete=False)
    case.type, case.data = kind.code, {"type": kind.code, "data": record}


WRITING = Writing(form=DestinationForm, open=_open, write=_write)
