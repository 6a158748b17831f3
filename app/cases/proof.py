"""What binds a graduate asks for a one-time code to the graduate's own phone: rows of the tables name `own_phone`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, Actor
from app.base import clock
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, Invalid
from app.cases.models import CaseMixin
from app.passcodes.acts import Act, prove
from app.passcodes.phones import account_of_person, settles_at
from app.roster.services.graduates import CONFIRMATION
from app.workflow import engine, registry
from app.workflow.table import Context, Transition, Workflow


def own_phone(context: Context[CaseMixin]) -> Mapping[str, Any] | None:
    """Use up the code that the graduate entered; for `Transition.proof`. Nothing is asked of other kinds of account.

    A number that is not settled yet is noted on the case: nobody approves it before. Raises Invalid at `code`.
    """
    actor, case = context.actor, context.case
    if actor.kind != GRADUATE:
        return None
    act = Act(actor.user_id or 0, context.workflow.name, context.transition.event, case.id, case.version)
    begun = is_begun_by(context.workflow, context.transition)
    proof = prove([act, act.unwritten] if begun else [act], actor.code)
    case.unconfirmed_since = clock.now() if "unconfirmed_until" in proof else None
    return proof


def graduate_is_confirmed(context: Context[CaseMixin]) -> None:
    """Nothing is approved that an account has handed in whose number is not proven for long enough; raises Conflict."""
    due = unconfirmed_until(context.case)
    if due is not None:
        raise Conflict(due, "graduate_unconfirmed")


def unconfirmed_until(case: CaseMixin) -> Any | None:
    """Why a case has to wait for its graduate's phone, in words for the reviewer; None when it need not."""
    if case.unconfirmed_since is None:
        return None
    account = account_of_person(bytes(case.graduate.id_number_index))
    due = settles_at(account) if account is not None else None
    if due is None:
        return None
    return _(
        "The graduate handed this in with a mobile number that has been theirs for less than seven days, and no "
        "identity provider has named it. It can be approved from %(day)s on; whoever was reached before has been told "
        "and can object till then.",
        day=time_text(due),
    )


@dataclass(frozen=True)
class Named:
    """An act of which a graduate speaks: what it is called, to what it binds, and the record that it is about."""

    act: Act
    label: Any
    binds: Any = ""
    case: Any = None
    also: Sequence[Any] = ()  # what else it changes, as the effects of the step foretell


def act_named(workflow: Any, event: Any, case_id: Any, *, actor: Actor) -> Named:
    """The act of that name, on a record in the graduate's scope or on one that is not there yet.

    Raises Forbidden for other kinds, Invalid (no such act, or a record is wanted), NotFound.
    """
    if actor.kind != GRADUATE or actor.user_id is None:
        raise Forbidden()
    if (workflow, event) == CONFIRMATION:
        about = _("Confirm your information")
        return Named(
            Act(actor.user_id, *CONFIRMATION, about=str(about)),
            about,
            _("You confirm that these data are yours and correct. They stand on your agreement."),
        )
    found = _binding_row(workflow, event)
    if found is None:
        raise Invalid({"event": [_("No code is needed for this step.")]})
    table, row = found
    if case_id is None:
        if not is_begun_by(table, row):
            raise Invalid({"id": [_("Please say which record it is about.")]})
        return Named(Act(actor.user_id, table.name, row.event, about=str(table.label)), table.label, row.binds)
    case = engine.load(table, case_id, actor=actor)
    label, also = f"{table.label} · {row.label(case)}", row.foretold(Context(table, row, case, actor))
    return Named(Act(actor.user_id, table.name, row.event, case.id, case.version, label), label, row.binds, case, also)


def asks_for_code(workflow: str, event: str) -> bool:
    """Whether a graduate needs a code for this step."""
    return (workflow, event) == CONFIRMATION or _binding_row(workflow, event) is not None


def is_begun_by(table: Workflow, row: Transition) -> bool:
    """Whether a record may not be there yet when this step is taken: it is begun or handed in by it."""
    return not row.sources or (table.writing is not None and row.event == table.writing.hand_in)


def _binding_row(workflow: Any, event: Any) -> tuple[Workflow, Transition] | None:
    table = next((one for one in registry.all_workflows() if one.name == workflow), None)
    rows = (*table.initial, *table.transitions) if table is not None else ()
    found = (row for row in rows if row.event == event and row.proof is not None and GRADUATE in row.who)
    return next(((table, row) for row in found if table is not None), None)
