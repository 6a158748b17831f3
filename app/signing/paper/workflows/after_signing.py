"""The rows after the signing, the same for both signings on paper: edit, terminate, void."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import GRADUATE, SCHOOL, SYSTEM_KIND
from app.cases import effects as reviewed
from app.cases.forms import VoidForm
from app.signing.online.guards import no_termination_is_open
from app.signing.paper import effects as do
from app.signing.paper import guards
from app.signing.paper.forms import EditCategoryForm
from app.workflow.table import Notice, Transition, says

AFTER_SIGNING = (
    Transition(
        event="edit_category",
        sources=("signed",),
        who=(SCHOOL,),
        target="signed",
        label=says(_("Change job category, nature and industry")),
        said=_("School changed job category, nature or industry"),
        guards=(guards.category_changes,),
        form=EditCategoryForm,
        effects=(do.change_category, do.report_signed),
        notices=(Notice("paper_category_changed", to=(GRADUATE,)),),
    ),
    Transition(
        event="terminate",
        sources=("signed",),
        who=(SYSTEM_KIND,),
        target="terminated",
        label=says(_("Terminate")),
        said=_("Agreement terminated"),
        effects=(reviewed.release_graduate, reviewed.report_pending),
    ),
    Transition(
        event="void",
        sources=("signed",),
        who=(SCHOOL,),
        target="voided",
        label=says(_("Void the agreement")),
        said=_("School voided the agreement"),
        guards=(no_termination_is_open,),
        form=VoidForm,
        effects=(reviewed.release_graduate, reviewed.report_pending, do.tell_unit),
        notices=(Notice("paper_voided", to=(GRADUATE,)),),
        irreversible=True,
    ),
)
