"""How often a graduate may apply for a termination (R3.4): one count over all kinds of application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select, union_all

from app.access.actors import GRADUATE
from app.base.database import session
from app.base.errors import Conflict
from app.cases.models import CaseMixin
from app.roster.models import Graduate
from app.schools.queries import setting_of
from app.workflow import registry
from app.workflow.table import Context

# Under this name workflows declare which of their rows count. A row counts once, however often it is handed in again and
# whatever becomes of it; what the unit started must not be among them.
COUNTED = "terminations"


@dataclass(frozen=True)
class Allowance:
    """How many applications the school allows this graduate in the cohort, and how many there have been."""

    most: int
    used: int

    @property
    def left(self) -> int:
        """How many more can be made; never negative, though the school may lower the number at any time."""
        return max(0, self.most - self.used)


def allowance(graduate: Graduate) -> Allowance:
    """What the school of this roster row allows and what has been used of it; two statements.

    A roster row is of one cohort, so its applications are those of the graduate in that cohort.
    """
    setting = setting_of(graduate.school_id, graduate.cohort)
    return Allowance(setting.max_terminations if setting else 0, _used(graduate.id))


def left(graduate: Graduate) -> int:
    """How many terminations this graduate may still apply for."""
    return allowance(graduate).left


def refuse_beyond_limit(context: Context) -> None:
    """A guard: the graduate has an application left. Others are not counted, nor one that is handed in again."""
    case = context.case
    if context.actor.kind != GRADUATE or _is_counted(case):
        return
    found = allowance(case.graduate)
    if found.left == 0:
        text = (
            _(
                "Your school allows %(most)s applications for termination, and you have made %(used)s. "
                "Please ask your school, or let the unit apply.",
                most=found.most,
                used=found.used,
            )
            if case.employer_id is not None  # a unit without an account cannot
            else _(
                "Your school allows %(most)s applications for termination, and you have made %(used)s. "
                "Please ask your school.",
                most=found.most,
                used=found.used,
            )
        )
        raise Conflict(text, "termination_limit")


def _used(graduate_id: int) -> int:
    parts = [select(model.id).where(model.graduate_id == graduate_id, submitted) for model, submitted in _counted()]
    return session.scalar(select(func.count()).select_from(union_all(*parts).subquery())) or 0 if parts else 0


def _is_counted(case: CaseMixin) -> bool:
    """Whether this very application has been handed in before."""
    if case.id is None:
        return False
    for model, submitted in _counted():
        if isinstance(case, model):
            return session.scalar(select(model.id).where(model.id == case.id, submitted)) is not None
    return False


def _counted() -> list[tuple[type[Any], ColumnElement[bool]]]:
    """The models whose applications count, and which of their rows do."""
    return [(flow.model, flow.counts[COUNTED]) for flow in registry.all_workflows() if COUNTED in flow.counts]
