"""How a graduate checks: every field gone through, and a case for each that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.access.actors import Actor
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Invalid
from app.cases.services import Body, Writing, begin_case, held_graduate
from app.cases.services import own_graduate as held_own_graduate
from app.codes.forms import read
from app.codes.words import masked
from app.correction.fields import FIELDS, now_of, wanted_value
from app.correction.forms import CheckForm, CorrectionForm
from app.correction.models import Correction, RosterCheck
from app.correction.queries import corrections_of
from app.roster.services.graduates import own_graduate
from app.workflow import registry
from app.workflow.engine import check_creation, permits_creation
from app.workflow.table import Context


def _open(body: Body, actor: Actor) -> Correction:
    field = body.get("field")
    if not isinstance(field, str) or field not in FIELDS:
        read(CorrectionForm, body)
    case: Correction = Correction.of(held_own_graduate(actor), field=field, wanted="")
    return case


def _write(case: Correction, body: Body, *, actor: Actor, whole: bool) -> None:
    del actor, whole
    field, graduate = FIELDS[case.field], case.graduate
    case.wanted = wanted_value(graduate, case.field, body["wanted"])
    case.data = {
        "field": case.field,
        "now": masked(field, now_of(graduate, case.field)),
        "wanted": masked(field, case.wanted),
        "note": body.get("note") or "",
    }


WRITING = Writing(form=CorrectionForm, open=_open, write=_write, hand_in="")


def check_roster(sent: Mapping[str, Any], *, actor: Actor) -> RosterCheck:
    """The graduate has gone through every field; those in `wrong` become corrections, all of them or none (R1.9).

    Raises Forbidden, Conflict (`not_open`, `already_asked`, common rules), Invalid with the texts at `wrong.<field>`.
    """
    with transaction():
        clean = read(CheckForm, sent)
        workflow = registry.get("correction")
        row = permits_creation(workflow, actor)
        graduate = held_graduate(own_graduate(actor).id)
        wrong = {name: value for name, value in clean["wrong"].items() if value}
        blank = Correction.of(graduate, field="", wanted="")
        check_creation(Context(workflow, row, blank, actor))
        _begin_all(wrong, clean["note"], actor)
        if wrong and graduate.confirmed_at is None:
            graduate.reported_wrong_at = clock.now()
        values = {"graduate_id": graduate.id, "checked_at": clock.now(), "wrong": len(corrections_of(graduate.id))}
        again = {"checked_at": values["checked_at"], "wrong": values["wrong"]}
        statement = insert(RosterCheck).values(values)
        session.execute(statement.on_conflict_do_update(index_elements=["graduate_id"], set_=again))
        return session.get_one(RosterCheck, graduate.id, populate_existing=True)


def _begin_all(wrong: Mapping[str, str], note: str, actor: Actor) -> None:
    errors: dict[str, Any] = {}
    for name, value in wrong.items():
        try:
            begin_case("correction", {"field": name, "wanted": value, "note": note}, actor=actor)
        except Invalid as refused:
            errors[f"wrong.{name}"] = [text for texts in refused.errors.values() for text in texts]
    if errors:
        raise Invalid(errors)
