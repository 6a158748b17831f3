"""Applications of W5 that a reader may see, and the signing that each is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.access.actors import SYSTEM, Actor
from app.access.scope import in_scope
from app.base.database import session
from app.termination.offline.models import OfflineTermination
from app.workflow import engine, registry
from app.workflow.stages import AUTHORED, MOVING, Stage


def offline_terminations_visible_to(actor: Actor) -> Select[tuple[OfflineTermination]]:
    """All applications in the actor's scope, ready to be filtered, ordered and paged."""
    query = select(OfflineTermination).where(in_scope(OfflineTermination, actor))
    return query.options(*OfflineTermination.eager_options())


def signing_of(case: OfflineTermination, *, actor: Actor = SYSTEM, hold: bool = False) -> Any:
    """The signing that the application is about, as the actor may see it; held to the end of the transaction if asked.

    Raises NotFound or Forbidden as for any case.
    """
    return engine.load(registry.get(case.signing_workflow), case.signing_id, actor=actor, lock=hold)


def applications_about(signing: Any, actor: Actor, *, most: int = 10) -> list[OfflineTermination]:
    """The latest applications about this signing that the actor may see, newest first."""
    query = offline_terminations_visible_to(actor).where(
        OfflineTermination.signing_workflow == signing.workflow_name, OfflineTermination.signing_id == signing.id
    )
    return list(session.scalars(query.order_by(OfflineTermination.id.desc()).limit(most)))


def newest_application(signing: Any, actor: Actor) -> OfflineTermination | None:
    """The latest of them, whatever became of it."""
    return next(iter(applications_about(signing, actor, most=1)), None)


def earlier_applications(case: OfflineTermination, actor: Actor) -> list[OfflineTermination]:
    """What else this graduate has applied for under W5 and submitted, newest first, for the reviewer."""
    query = (
        offline_terminations_visible_to(actor)
        .where(OfflineTermination.graduate_id == case.graduate_id, OfflineTermination.id != case.id)
        .where(OfflineTermination.submitted_at.is_not(None))
    )
    return list(session.scalars(query.order_by(OfflineTermination.id.desc()).limit(10)))


def unfinished_application(signing: Any, actor: Actor) -> OfflineTermination | None:
    """The application about this signing with which the actor can go on: a draft, in review, or sent back."""
    found = newest_application(signing, actor)
    return found if found is not None and found.stage in (*AUTHORED, Stage.REVIEW) else None


class OfflineEnd:
    """What the signings on paper ask of the applications to end them."""

    def is_open(self, signing: Any) -> bool:
        """Whether an application about this signing waits for the reviewers."""
        return _first_about(signing.workflow_name, signing.id, (Stage.REVIEW,)) is not None

    def held(self, signing: Any) -> list[OfflineTermination]:
        """The applications that are reviewed or were sent back, held."""
        query = select(OfflineTermination).where(
            OfflineTermination.signing_workflow == signing.workflow_name,
            OfflineTermination.signing_id == signing.id,
            OfflineTermination.stage.in_(MOVING),
        )
        return list(session.scalars(query.with_for_update(of=OfflineTermination)))


def another_is_open(case: OfflineTermination) -> bool:
    """Whether a different application about the same signing is reviewed or was sent back."""
    found = _first_about(case.signing_workflow, case.signing_id, MOVING)
    return found is not None and found != case.id


def _first_about(workflow: str, signing_id: int, stages: tuple[Stage, ...]) -> int | None:
    query = select(OfflineTermination.id).where(
        OfflineTermination.signing_workflow == workflow,
        OfflineTermination.signing_id == signing_id,
        OfflineTermination.stage.in_(stages),
    )
    return session.scalar(query.order_by(OfflineTermination.id).limit(1))
