"""What kind of place a state is: the question that indexes, tabs, guards, counts and pages ask, whatever its name."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far a case in a state is. A table may have any number of states of one stage."""

    DRAFT = "draft"  # begun, still with its author; nobody else sees or is bound by it
    OFFERED = "offered"  # laid before somebody who has not answered; nobody is bound and nothing is in progress
    ASKED = "asked"  # in progress, and the other side has to answer before it goes on
    REVIEW = "review"  # everybody has agreed and somebody decides; whom it concerns is bound
    HALFWAY = "halfway"  # one round of review is passed and the next not begun; nobody is bound
    RETURNED = "returned"  # sent back to its author
    IN_FORCE = "in_force"  # decided for: it has its effect
    FAILED = "failed"  # came to its end without ever having had an effect
    ENDED = "ended"  # its effect is over, or it was taken back
    VOIDED = "voided"  # declared void


BEGUN = (Stage.DRAFT, Stage.OFFERED)  # nothing has been agreed yet
AUTHORED = (Stage.DRAFT, Stage.RETURNED)  # with its author, who may change it
BINDING = (Stage.REVIEW, Stage.IN_FORCE)  # holds the person whom it concerns
LIVE = (Stage.OFFERED, *BINDING)
MOVING = (Stage.ASKED, Stage.REVIEW, Stage.HALFWAY, Stage.RETURNED)  # handed in, and not decided
OVER = (Stage.FAILED, Stage.ENDED, Stage.VOIDED)

TONES = {Stage.IN_FORCE: "in_force", Stage.FAILED: "failed", Stage.ENDED: "over", Stage.VOIDED: "over"}


def sql_in(*stages: Stage) -> str:
    """The condition of partial indexes and checks, as SQL text: the column `stage` is one of these."""
    return f"stage IN ({', '.join(repr(str(stage)) for stage in stages)})"
