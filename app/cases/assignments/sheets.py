"""审核人 in downloaded lists: who of the reader's own office looks after each record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.cases.assignments.queries import reviews
from app.web.sheets import Column
from app.workflow.table import Workflow

REVIEWER: Final = "reviewer"  # the column, the filter, and what stands beside a row that was read for them


def reviewer_column(table: Workflow, actor: Actor) -> Sequence[Column]:
    """The column, for those before whose office records of this workflow come; else none."""
    column = Column(_("Reviewer in charge"), lambda case: vars(case).get(REVIEWER) or "", 14)
    return [column] if reviews(table, actor) else []
