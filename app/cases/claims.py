"""One at a time: a graduate holds at most one claim among signings and destinations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.base.database import session
from app.base.errors import Conflict
from app.cases.models import CaseMixin
from app.roster.models import IN_FORCE, IN_REVIEW, Claim
from app.workflow import registry

_BOUND = _("You are already bound to another agreement or destination. Please settle that first.")
_REVIEWED = _(
    "Another application of yours is being reviewed. Please withdraw or abort it first, or wait for the result."
)


def _gives_way(workflow: str) -> Callable[[int, Any], bool] | None:
    """What ends a case of this workflow when a signing takes its claim, in the same transaction (R7.11), or says False
    where it stays in force until the signing is.
    """
    return registry.get(workflow).gives_way


def is_given_up(claim: Claim | None, workflow: str) -> bool:
    """Whether a case of `workflow` may take the place of this claim: a signing that of a destination in force."""
    if claim is None or claim.kind != IN_FORCE or claim.next_id is not None or _gives_way(workflow):
        return False
    return _gives_way(claim.workflow) is not None


def make_way(claim: Claim | None, context: Any) -> bool:
    """End what gives way to the case of this event, in its transaction; False where that stays in force for now."""
    if claim is None or not is_given_up(claim, context.workflow.name):
        return not is_changed_by(claim, context.case)
    end = _gives_way(claim.workflow)
    assert end is not None  # is_given_up has found it
    return end(claim.case_id, context)


def is_changed_by(claim: Claim | None, case: CaseMixin) -> bool:
    """Whether the case is a new version of what is in force, and nothing else is reviewed to take its place."""
    if claim is None or claim.kind != IN_FORCE or claim.next_id not in (None, case.id):
        return False
    return claim.workflow == case.workflow_name and claim.case_id == getattr(case, "change_of", None)


def is_next(claim: Claim | None, workflow: str, case_id: int | None) -> bool:
    """Whether this case is reviewed to take the place of what the claim is for."""
    return (
        claim is not None and claim.next_id is not None and (claim.next_workflow, claim.next_id) == (workflow, case_id)
    )


def put_next(graduate_id: int, workflow: str, case_id: int) -> None:
    """Let this case wait to take the place of what is in force; raises Conflict when another does already."""
    free = (Claim.graduate_id == graduate_id, Claim.kind == IN_FORCE, Claim.next_id.is_(None))
    values = {"next_workflow": workflow, "next_id": case_id}
    if session.execute(update(Claim).where(*free).values(values)).rowcount != 1:
        raise Conflict(_BOUND, "claimed")


def forget_next(graduate_id: int) -> None:
    """What was in force stays so; nothing waits for its place."""
    values = {"next_workflow": None, "next_id": None}
    session.execute(update(Claim).where(Claim.graduate_id == graduate_id).values(values))


def move_claim(graduate_id: int, workflow: str, case_id: int, kind: str) -> None:
    """The claim is for this case from now on."""
    values = {"workflow": workflow, "case_id": case_id, "kind": kind, "next_workflow": None, "next_id": None}
    session.execute(update(Claim).where(Claim.graduate_id == graduate_id).values(values))


def take_claim(graduate_id: int, workflow: str, case_id: int) -> None:
    """Bind the graduate to this case while it is reviewed; raises Conflict when another case holds the claim.

    The primary key decides, so two events at once cannot both succeed.
    """
    taken = session.execute(
        insert(Claim)
        .values(graduate_id=graduate_id, workflow=workflow, case_id=case_id, kind=IN_REVIEW)
        .on_conflict_do_nothing()
        .returning(Claim.graduate_id)
    ).scalar()
    if taken is None:
        raise Conflict(_BOUND, "claimed")


def confirm_claim(graduate_id: int) -> None:
    """The case that holds the claim is now in force: only its end releases the graduate."""
    session.execute(update(Claim).where(Claim.graduate_id == graduate_id).values(kind=IN_FORCE))


def release_claim(graduate_id: int, workflow: str, case_id: int) -> None:
    """Free the graduate when this case has ended; another case's claim is left alone."""
    session.execute(
        delete(Claim).where(Claim.graduate_id == graduate_id, Claim.workflow == workflow, Claim.case_id == case_id)
    )


def refuse_bound(claim: Claim | None, workflow: str, case_id: int | None) -> None:
    """Raise Conflict, saying what to do, when the claim belongs to another case that does not give way."""
    if claim is None or (claim.workflow, claim.case_id) == (workflow, case_id) or is_given_up(claim, workflow):
        return
    if is_next(claim, workflow, case_id):
        return
    if claim.next_id is not None:
        raise Conflict(_REVIEWED, "in_review_elsewhere")
    if claim.kind == IN_FORCE and _gives_way(claim.workflow):
        raise Conflict(
            _("Your registered destination is in force. Please void it first if you want to register another one."),
            "already_registered",
        )
    if claim.kind == IN_FORCE:
        raise Conflict(
            _(
                "You have already signed with a unit. A new step is possible only after that agreement has been terminated."
            ),
            "already_signed",
        )
    raise Conflict(_REVIEWED, "in_review_elsewhere")
