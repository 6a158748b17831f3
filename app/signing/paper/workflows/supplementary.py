"""W3 supplementary registration 补登: the table. An agreement that exists on paper is registered and reviewed once."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL
from app.cases import effects as reviewed
from app.cases.proof import own_phone
from app.cases.workflow import begun, review_rows, upheld_rows, withdrawal
from app.roster.guards import GRADUATE_GUARDS, may_sign
from app.signing.guards import no_termination_is_open
from app.signing.home import REGISTERING, tell_paper
from app.signing.paper import effects as do
from app.signing.paper import guards, records
from app.signing.paper.attachments import SUPPLEMENTARY_FILES
from app.signing.paper.models import Supplementary
from app.signing.paper.services.writing import SUPPLEMENTARY_WRITING
from app.signing.paper.workflows.after_signing import AFTER_SIGNING
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import State, Transition, Workflow, names_of, says

states = (
    State("draft", _("Draft"), Stage.DRAFT, waits_for=GRADUATE),
    State("dept_review", _("Signing under review, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Signing under review, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("returned", _("Returned for edit"), Stage.RETURNED, waits_for=GRADUATE),
    State("rejected", _("Rejected (void)"), Stage.FAILED),
    State("signed", _("Registration approved"), Stage.IN_FORCE),
    State("terminated", _("Terminated"), Stage.ENDED),
    State("voided", _("Voided"), Stage.VOIDED),
)

initial = begun(
    _("Register a signed agreement"), _("Graduate began the registration"), may_sign, guards.school_has_opened
)


def _unit_code(case: Supplementary) -> str | None:
    return case.unit_uscc


transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=reviewed.first_review,
        label=says(_("Submit for review")),
        said=_("Graduate submitted the registration"),
        guards=(may_sign, guards.nothing_else_binds),
        prepare=guards.complete_application,
        proof=own_phone,
        binds=_(
            "You declare that you have signed this agreement on paper. Once your school has approved, it binds you as "
            "one that was signed here does."
        ),
        effects=(
            do.keep_application,
            reviewed.bind_graduate,
            reviewed.keep_student_data,
            reviewed.forget_opinions,
        ),
    ),
    withdrawal(names_of(states, Stage.REVIEW), _("Graduate withdrew the registration")),
    *review_rows(
        approved="signed",
        returned="returned",
        rejected="rejected",
        notice="supplementary",
        uscc=_unit_code,
        approve_effects=(do.note_signing, reviewed.confirm_graduate, do.report_signed),
        return_effects=(reviewed.release_graduate,),
        reject_effects=(reviewed.release_graduate,),
    ),
    *AFTER_SIGNING,
    *upheld_rows(states, guards=(no_termination_is_open,), effects=(do.tell_unit_of_finding,)),
)

SUPPLEMENTARY = declare(
    Workflow(
        name="supplementary",
        label=_("Supplementary registrations"),
        model=Supplementary,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        writing=SUPPLEMENTARY_WRITING,
        rows=records.said_rows,
        pages={GRADUATE: "paper.supplementary"},
        home=tell_paper,
        ways=(REGISTERING,),
        files=SUPPLEMENTARY_FILES,
    )
)
