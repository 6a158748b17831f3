"""W2 offline signing 线下签约: the table. First the agreement is reviewed, then the copy that the unit has stamped."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL
from app.cases import effects as reviewed
from app.cases.proof import own_phone
from app.cases.workflow import begun, review_rows, upheld_rows, withdrawal
from app.documents.agreement import agreement_of
from app.documents.marked.snapshots import with_marked
from app.roster.guards import GRADUATE_GUARDS, may_sign
from app.signing.guards import no_termination_is_open
from app.signing.home import APPLYING, tell_paper
from app.signing.paper import effects as do
from app.signing.paper import guards, records
from app.signing.paper.attachments import OFFLINE_FILES, PRINTED
from app.signing.paper.models import OfflineSigning
from app.signing.paper.services.writing import OFFLINE_WRITING
from app.signing.paper.workflows.after_signing import AFTER_SIGNING
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import Notice, State, Transition, Workflow, says

AGREEMENT_REVIEW = ("agreement_dept_review", "agreement_school_review")
SIGNING_REVIEW = ("dept_review", "school_review")

states = (
    State("draft", _("Draft"), Stage.DRAFT, waits_for=GRADUATE),
    State(
        "agreement_dept_review",
        _("Agreement under review, waiting for the department"),
        Stage.REVIEW,
        waits_for=DEPARTMENT,
    ),
    State(
        "agreement_school_review", _("Agreement under review, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL
    ),
    State("agreement_returned", _("Agreement returned for edit"), Stage.RETURNED, waits_for=GRADUATE),
    State("agreement_rejected", _("Agreement rejected (void)"), Stage.FAILED),
    State(
        "agreement_approved",
        _("Agreement approved, waiting for the stamped copy"),
        Stage.HALFWAY,
        waits_for=GRADUATE,
    ),
    State("dept_review", _("Signing under review, waiting for the department"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Signing under review, waiting for the school"), Stage.REVIEW, waits_for=SCHOOL),
    State("returned", _("Signing returned for edit"), Stage.RETURNED, waits_for=GRADUATE, edited=False),
    State("rejected", _("Signing rejected (void)"), Stage.FAILED),
    State("signed", _("Signing approved"), Stage.IN_FORCE),
    State("terminated", _("Terminated"), Stage.ENDED),
    State("voided", _("Voided"), Stage.VOIDED),
)

initial = begun(
    _("Apply for an offline signing"), _("Graduate began the application"), may_sign, guards.school_has_opened
)


def _unit_code(case: OfflineSigning) -> str | None:
    return case.unit_uscc


transitions = (
    Transition(
        event="submit",
        sources=("draft", "agreement_returned"),
        who=(GRADUATE,),
        target=reviewed.first_review_of(*AGREEMENT_REVIEW),
        label=says(_("Submit for review")),
        said=_("Graduate submitted the agreement"),
        guards=(may_sign, guards.nothing_else_binds),
        prepare=guards.complete_application,
        proof=own_phone,
        binds=_(
            "You apply for an agreement with this unit. While your school reviews you are bound to the application; "
            "you can withdraw it until somebody has decided."
        ),
        effects=(
            do.keep_application,
            reviewed.bind_graduate,
            reviewed.keep_student_data,
            reviewed.forget_opinions,
        ),
        elsewhere={
            "returned": _(
                "The agreement has been approved and printed, so it cannot be edited any more. Please hand in the "
                "stamped copy again; if the agreement itself is wrong, add a statement and the school will end it."
            )
        },
    ),
    withdrawal(AGREEMENT_REVIEW, _("Graduate withdrew the agreement")),
    *review_rows(
        "agreement_",
        approved="agreement_approved",
        returned="agreement_returned",
        rejected="agreement_rejected",
        notice="offline_agreement",
        uscc=_unit_code,
        approve_effects=(do.approve_agreement, reviewed.release_graduate),
        return_effects=(reviewed.release_graduate,),
        reject_effects=(reviewed.release_graduate,),
    ),
    *(
        Transition(
            event="upload",
            sources=("agreement_approved", "returned"),
            who=(kind,),
            target=reviewed.first_review,
            label=says(_("Hand in the stamped copy")),
            said=said,
            guards=(may_sign, guards.nothing_else_binds),
            prepare=guards.stamped_copy,
            proof=proof,
            effects=(reviewed.bind_graduate, reviewed.forget_opinions, do.end_links, do.read_copies),
            notices=notices,
        )
        for kind, said, notices, proof in (
            (GRADUATE, _("Graduate handed in the stamped copy"), (), None),
            # By the link that was sent to the unit, without an account.
            (
                *(EMPLOYER, _("Unit handed in the stamped copy")),
                *((Notice("offline_copy_from_unit", to=(GRADUATE,)),), do.came_by_link),
            ),
        )
    ),
    withdrawal(SIGNING_REVIEW, _("Graduate withdrew the stamped copy"), target="agreement_approved"),
    *review_rows(
        approved="signed",
        returned="returned",
        rejected="rejected",
        notice="offline_signing",
        witnessed=True,
        uscc=_unit_code,
        approve_effects=(do.note_signing, reviewed.confirm_graduate, do.report_signed),
        return_effects=(reviewed.release_graduate,),
        reject_effects=(reviewed.release_graduate,),
    ),
    *AFTER_SIGNING,
    *upheld_rows(
        states,
        guards=(no_termination_is_open,),
        effects=(
            do.end_links,
            do.tell_unit_of_finding,
        ),
    ),
)

OFFLINE_SIGNING = declare(
    Workflow(
        name="offline_signing",
        label=_("Offline signing"),
        model=OfflineSigning,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        writing=OFFLINE_WRITING,
        rows=records.said_rows,
        pages={GRADUATE: "paper.offline_signing"},
        home=tell_paper,
        ways=(APPLYING,),
        files=OFFLINE_FILES,
        document=PRINTED,
        papers=with_marked({PRINTED: agreement_of("stamped")}),
    )
)
