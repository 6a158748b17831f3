"""W8 hukou 户口信息登记: the table. What it says is what the program does."""

from __future__ import annotations

from functools import partial

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SYSTEM_KIND
from app.household import effects as do
from app.household.home import tell_record
from app.household.hukou.effects import approve_without_review
from app.household.hukou.forms import AmendHukouForm, HukouForm
from app.household.hukou.guards import needs_no_review
from app.household.hukou.models import Hukou
from app.household.queries import present_record
from app.household.records import told_changes
from app.household.services.writing import writing_of
from app.household.workflow import REVIEW, STATES, initial_rows, rows_of
from app.roster.guards import GRADUATE_GUARDS
from app.workflow.registry import declare
from app.workflow.table import Transition, Workflow, says

# 户口不在学校: submitted and approved in one transaction, with the program as the one who approves.
not_at_school = Transition(
    event="approve_unreviewed",
    sources=REVIEW,
    who=(SYSTEM_KIND,),
    target="approved",
    label=says(_("Approved without a review")),
    guards=(needs_no_review,),
    effects=(do.replace_previous, do.report_record),
    said=_("Approved without a review: the hukou is not at the school"),
)

HUKOU = declare(
    Workflow(
        name="hukou",
        label=_("Hukou registration"),
        model=Hukou,
        module="hukou",
        initial=initial_rows(),
        states=STATES,
        transitions=rows_of(
            "hukou", not_at_school, amend_form=AmendHukouForm, submit_effects=(approve_without_review,)
        ),
        common_guards=GRADUATE_GUARDS,
        writing=writing_of("hukou", HukouForm),
        pages={GRADUATE: "graduate_hukou.record"},
        home=tell_record,
        changes=partial(told_changes, "hukou"),
        present=partial(present_record, "hukou"),
    )
)
