"""How a graduate writes a registration of archive or hukou (R7.12)."""

from __future__ import annotations

from typing import Any

from app.access.actors import Actor
from app.cases.services import Body, Writing, own_graduate
from app.codes.forms import FormSchema
from app.household.forms import read_draft
from app.household.models import model_of
from app.household.proposals import locked_values


def new_case(kind: str, actor: Actor) -> Any:
    """An empty record of the acting graduate, not yet begun; raises NotFound for who is no graduate."""
    return model_of(kind).of(own_graduate(actor))


def writing_of(kind: str, form: type[FormSchema]) -> Writing:
    """While a record is in force a new one is a change: the old one stays in force until the new one is approved."""

    def open_(body: Body, actor: Actor) -> Any:
        del body
        return new_case(kind, actor)

    return Writing(form=form, open=open_, write=_write)


def _write(case: Any, body: Body, *, actor: Actor, whole: bool) -> None:
    """What was typed, with what the unit's letter decides copied where nothing was typed."""
    del actor, whole
    typed = read_draft(case.workflow_name, body)
    locked = locked_values(case.workflow_name, case.graduate, typed.get("transfer_type"))
    case.data = {**locked, **typed}
    case.copied = [name for name, value in locked.items() if case.data[name] == value]
