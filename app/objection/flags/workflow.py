"""A unit objects to a school's mark on it (预警异议): the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER, PROVINCE, SCHOOL
from app.cases.forms import NoteForm
from app.objection.flags import effects as do
from app.objection.flags import records
from app.objection.flags.forms import FlagObjectionForm
from app.objection.flags.models import FlagObjection
from app.objection.flags.services import WRITING
from app.objection.forms import FindingForm
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says

states = (
    State("open", _("Waiting for the school to answer the objection"), Stage.ASKED, waits_for=SCHOOL),
    State("upheld", _("Objection upheld, the mark has been lifted"), Stage.IN_FORCE, ends=True),
    State("rejected", _("Objection rejected, the mark stays"), Stage.FAILED, ends=False),
)

initial = (
    Transition(
        event="start",
        sources=(),
        who=(EMPLOYER,),
        target="open",
        label=says(_("Object to the mark")),
        said=_("The unit objected to the mark"),
        form=FlagObjectionForm,
        notices=(Notice("flag_objected", to=(SCHOOL, PROVINCE)),),
    ),
)

transitions = (
    *(
        Transition(
            event="approve",
            sources=sources,
            who=who,
            target="upheld",
            label=says(_("Uphold: lift the mark")),
            said=_("The objection was upheld and the mark lifted"),
            form=NoteForm,
            effects=(do.lift_the_mark,),
            notices=(Notice("flag_objection_upheld", to=readers),),
        )
        # The province above may lift a mark that the school wants to keep.
        for sources, who, readers in (
            (("open",), (SCHOOL,), (EMPLOYER, PROVINCE)),
            (("open", "rejected"), (PROVINCE,), (EMPLOYER, SCHOOL)),
        )
    ),
    Transition(
        event="reject",
        sources=("open",),
        who=(SCHOOL,),
        target="rejected",
        label=says(_("Reject the objection")),
        said=_("The objection was rejected"),
        form=FindingForm,
        notices=(Notice("flag_objection_rejected", to=(EMPLOYER, PROVINCE)),),
    ),
)

FLAG_OBJECTION = declare(
    Workflow(
        name="flag_objection",
        label=_("Objections of units"),
        model=FlagObjection,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        writing=WRITING,
        rows=records.objection_rows,
        facts=records.facts,
        pages={EMPLOYER: "flags_on_unit.record"},
    )
)
