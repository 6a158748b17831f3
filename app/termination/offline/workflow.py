"""W5 offline termination 线下解约: the table. What it says is what the program does."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, GRADUATE, SCHOOL
from app.cases import effects as common
from app.cases.attachments import Files, Kind
from app.cases.proof import own_phone
from app.cases.workflow import begun, rejected_by, review_rows, upheld_rows, withdrawal
from app.roster.guards import GRADUATE_GUARDS
from app.termination.guards import COUNTED, refuse_beyond_limit
from app.termination.offline import effects as do
from app.termination.offline import guards
from app.termination.offline.forms import SettlementForm
from app.termination.offline.models import LETTER, SIGNINGS, STATEMENT, OfflineTermination
from app.termination.offline.queries import OfflineEnd
from app.termination.offline.services import WRITING
from app.termination.snapshots import CERTIFICATE, certificate_of
from app.termination.workflow import lapse
from app.workflow.registry import declare
from app.workflow.stages import Stage
from app.workflow.table import State, Transition, Workflow, names_of, says

_label = rejected_by(
    _("Termination rejected by the department (termination failed)"),
    _("Termination rejected by the school (termination failed)"),
)


states = (
    State("draft", _("Application for termination not submitted yet"), Stage.DRAFT, waits_for=GRADUATE),
    State("dept_review", _("Terminating, waiting for the department's review"), Stage.REVIEW, waits_for=DEPARTMENT),
    State("school_review", _("Terminating, waiting for the school's review"), Stage.REVIEW, waits_for=SCHOOL),
    State("returned", _("Termination returned for edit"), Stage.RETURNED, waits_for=GRADUATE),
    State("rejected", _("Termination rejected (termination failed)"), Stage.FAILED),
    State("approved", _("Termination approved (terminated)"), Stage.IN_FORCE, tone="over", ends=True),
)

initial = begun(
    _("Apply for termination"),
    _("Graduate began the application"),
    guards.signing_is_in_force,
    guards.is_the_only_application,
)

transitions = (
    Transition(
        event="submit",
        sources=("draft", "returned"),
        who=(GRADUATE,),
        target=common.first_review,
        label=says(_("Submit the application for termination")),
        said=_("Graduate submitted the application"),
        guards=(guards.signing_is_in_force, guards.is_the_only_application, refuse_beyond_limit),
        prepare=guards.is_complete,
        proof=own_phone,
        binds=_(
            "You apply for the end of this agreement. When the school approves, it is no longer in force; the "
            "application counts, whatever becomes of it."
        ),
        effects=(do.hold_signing, do.count_application, common.keep_student_data, common.forget_opinions),
    ),
    withdrawal(
        names_of(states, Stage.REVIEW),
        _("Graduate withdrew the application"),
        label=_("Withdraw the application"),
        effects=(),
    ),
    *review_rows(
        approved="approved",
        returned="returned",
        notice="offline_termination",
        witnessed=True,
        approve_form=SettlementForm,
        approve_keeps=("settlement",),
        approve_guards=(guards.signing_is_in_force,),
        approve_effects=(do.settle, do.end_signing),
    ),
    lapse(states, "rejected"),
    *upheld_rows(states),
)

_FILES = Files(
    (
        Kind(LETTER, _("Termination letter"), pdf=True),
        Kind(STATEMENT, _("Statement of circumstances"), pdf=True),
    )
)

OFFLINE_TERMINATION = declare(
    Workflow(
        name="offline_termination",
        label=_("Offline termination"),
        model=OfflineTermination,
        module="employment",
        initial=initial,
        states=states,
        transitions=transitions,
        common_guards=GRADUATE_GUARDS,
        state_label=_label,
        writing=WRITING,
        pages={GRADUATE: "offline_termination.application"},
        files=_FILES,
        document=CERTIFICATE,
        papers={CERTIFICATE: certificate_of},
        counts={COUNTED: OfflineTermination.submitted_at.is_not(None)},
        ends=dict.fromkeys(SIGNINGS, OfflineEnd()),
    )
)
