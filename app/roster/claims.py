"""One at a time: a graduate holds at most one claim among signings and destinations (workflows.md, common rules)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.database import session
from app.errors import Conflict
from app.roster.models import Claim

IN_REVIEW, IN_FORCE = "review", "in_force"


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
        raise Conflict(
            _("You are already bound to another agreement or destination. Please settle that first."),
            "claimed",
        )


def confirm_claim(graduate_id: int) -> None:
    """The case that holds the claim is now in force: only its end releases the graduate."""
    session.execute(update(Claim).where(Claim.graduate_id == graduate_id).values(kind=IN_FORCE))


def release_claim(graduate_id: int, workflow: str, case_id: int) -> None:
    """Free the graduate when this case has ended; another case's claim is left alone."""
    session.execute(
        delete(Claim).where(Claim.graduate_id == graduate_id, Claim.workflow == workflow, Claim.case_id == case_id)
    )


def refuse_bound(claim: Claim | None, workflow: str, case_id: int | None) -> None:
    """Raise Conflict, saying what to do, when the claim belongs to another case."""
    if claim is None or (claim.workflow, claim.case_id) == (workflow, case_id):
        return
    if claim.kind == IN_FORCE:
        raise Conflict(
            _(
                "You have already signed with a unit. A new step is possible only after that agreement has been terminated."
            ),
            "already_signed",
        )
    raise Conflict(
        _("Another application of yours is being reviewed. Please withdraw or abort it first, or wait for the result."),
        "in_review_elsewhere",
    )
