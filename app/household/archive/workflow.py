"""W7 archive 档案信息登记: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.household.models import Archive
from app.household.rows import STATES, initial_rows, rows_of
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import register
from app.workflow.table import Workflow

ARCHIVE = register(
    Workflow(
        name="archive",
        label=_("Archive registration"),
        model=Archive,
        module="archive",
        initial=initial_rows(),
        states=STATES,
        transitions=rows_of("archive"),
        common_guards=GRADUATE_GUARDS,
    )
)
