"""The rows of a signing in force, the same for every kind: correct it, end it by a termination, void it."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from marshmallow import Schema

from app.access.actors import GRADUATE, SCHOOL, SYSTEM_KIND
from app.cases.effects import release_graduate, report_pending
from app.cases.forms import VoidForm
from app.signing.guards import no_termination_is_open
from app.workflow.table import Effect, Guard, Label, Notice, Transition, says


def after_signing(
    *,
    notice: str,
    edit: Label,
    edited: Label,
    edit_form: type[Schema],
    edit_guard: Guard,
    edit_effects: Sequence[Effect],
    void_effects: Sequence[Effect] = (),
    void_notify: Sequence[str] = (GRADUATE,),
) -> tuple[Transition, ...]:
    """The rows from `signed` on. `edit`, `edited`: what the correction is called as a button and in the timeline.

    The readers are told by the notices `{notice}_category_changed` and `{notice}_voided`, the latter those in
    `void_notify`; both ends release the graduate, `void_effects` come on top.
    """
    return (
        Transition(
            event="edit_category",
            sources=("signed",),
            who=(SCHOOL,),
            target="signed",
            label=says(edit),
            said=edited,
            guards=(edit_guard,),
            form=edit_form,
            effects=tuple(edit_effects),
            notices=(Notice(f"{notice}_category_changed", to=(GRADUATE,)),),
        ),
        Transition(
            event="terminate",
            sources=("signed",),
            who=(SYSTEM_KIND,),
            target="terminated",
            label=says(_("Terminate")),
            said=_("Agreement terminated"),
            effects=(release_graduate, report_pending),
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
            effects=(release_graduate, report_pending, *void_effects),
            notices=(Notice(f"{notice}_voided", to=tuple(void_notify)),),
            irreversible=True,
        ),
    )
