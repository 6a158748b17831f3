"""W7 archive 档案信息登记: the table. What it says is what the program does."""

from __future__ import annotations

from functools import partial

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE
from app.household.archive.forms import AmendArchiveForm, ArchiveForm
from app.household.archive.models import Archive
from app.household.home import HOUSEHOLD, tell_record
from app.household.queries import present_record
from app.household.records import told_changes
from app.household.services.writing import writing_of
from app.household.workflow import STATES, initial_rows, rows_of
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import declare
from app.workflow.table import Workflow

ARCHIVE = declare(
    Workflow(
        name="archive",
        label=_("Archive registration"),
        model=Archive,
        module="archive",
        initial=initial_rows(),
        states=STATES,
        transitions=rows_of("archive", amend_form=AmendArchiveForm),
        common_guards=GRADUATE_GUARDS,
        writing=writing_of("archive", ArchiveForm),
        pages={GRADUATE: "graduate_archive.record"},
        home=tell_record,
        ways=(HOUSEHOLD,),
        changes=partial(told_changes, "archive"),
        present=partial(present_record, "archive"),
    )
)
