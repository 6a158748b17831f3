"""What all tables share: the rows of a review, by the department and by the school, and who is said to have rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, SCHOOL, SYSTEM_KIND, Actor
from app.cases import effects as do
from app.cases.forms import ApproveForm, NoteForm, RejectForm, ReturnForm, WithdrawForm
from app.cases.guards import graduate_can_still_edit, nobody_has_decided, reviewed_by_another_hand
from app.cases.models import CaseMixin
from app.cases.proof import graduate_is_confirmed
from app.cases.refreshing import fetch_latest
from app.company_register.queries import seen_with_decision
from app.schools.models import TWO_PARTY
from app.workflow import registry
from app.workflow.stages import BINDING, Stage
from app.workflow.table import (
    Choice,
    Context,
    Effect,
    Guard,
    Label,
    Notice,
    Prepare,
    State,
    Transition,
    names_of,
    says,
)

_SEEN = ("register_state",)
Uscc = Callable[[Any], str | None]


def is_witnessed(case: CaseMixin) -> bool:
    """鉴证 with two parties, 审核 with three: the verb follows the agreement type (R2.3)."""
    return getattr(case, "agreement_type", None) == TWO_PARTY


def begun(label: Any, said: Any, *guards: Guard) -> tuple[Transition]:
    """How a graduate begins a record of their own: as a draft."""
    return (
        Transition(
            event="create",
            sources=(),
            who=(GRADUATE,),
            target="draft",
            label=says(label),
            said=said,
            guards=guards,
        ),
    )


def review_rows(
    prefix: str = "",
    *,
    approved: str,
    notice: str,
    rejected: str = "rejected",
    returned: str | None = None,
    notify: Sequence[str] = (GRADUATE,),
    witnessed: bool = False,
    refreshes: bool = True,
    uscc: Uscc = lambda case: None,
    approve_form: type[Schema] | None = None,
    approve_keeps: Sequence[str] = (),
    approve_guards: Sequence[Guard] = (),
    approve_effects: Sequence[Effect] = (),
    return_effects: Sequence[Effect] = (),
    reject_effects: Sequence[Effect] = (),
) -> tuple[Transition, ...]:
    """The verdicts on `{prefix}dept_review` and `{prefix}school_review`, the same in every table.

    The department passes on to the school, whose approval leads to `approved` with `approve_guards`,
    `approve_effects` and the fields of `approve_form`, of which the history keeps `approve_keeps`; `returned` is None
    where a case cannot be returned for edit. The reader is told by the notices `{notice}_department_approved`,
    `_approved`, `_returned`, `_rejected`. `witnessed`: the verb follows the agreement type. `refreshes`: the final
    approval may take over the latest student data (R4.5). `uscc` finds the credit code whose state in the company
    register is kept with the verdict (R8.10).
    """
    stages = ((DEPARTMENT, f"{prefix}dept_review"), (SCHOOL, f"{prefix}school_review"))
    seen = _seen(uscc)
    form = approve_form or (ApproveForm if refreshes else NoteForm)

    def told(outcome: str) -> tuple[Notice, ...]:
        return (Notice(f"{notice}_{outcome}", to=tuple(notify)),)

    rows = [
        Transition(
            event="approve",
            sources=(stages[0][1],),
            who=(DEPARTMENT,),
            target=stages[1][1],
            label=_verb(witnessed, _("Witness and pass"), _("Approve")),
            said=_verb(witnessed, _("Department witnessed and passed"), _("Department approved")),
            guards=(graduate_is_confirmed,),
            form=NoteForm,
            prepare=seen,
            keeps=_SEEN,
            notices=told("department_approved"),
        ),
        Transition(
            event="approve",
            sources=(stages[1][1],),
            who=(SCHOOL,),
            target=approved,
            label=_verb(witnessed, _("Witness and pass"), _("Approve")),
            said=_verb(witnessed, _("School witnessed and passed"), _("School approved")),
            guards=(graduate_is_confirmed, reviewed_by_another_hand, *approve_guards),
            form=form,
            prepare=seen,
            keeps=(*_SEEN, *approve_keeps),
            effects=(do.note_given_password, *_approving(approve_effects, refreshes)),
            notices=told("approved"),
            irreversible=True,
            fetches={"refresh_student": fetch_latest} if refreshes else {},
        ),
    ]
    for kind, stage in stages:
        if returned is not None:
            rows.append(
                Transition(
                    event="return",
                    sources=(stage,),
                    who=(kind,),
                    target=returned,
                    label=lambda case: _("Return for edit"),
                    said=_("Department returned it for edit")
                    if kind == DEPARTMENT
                    else _("School returned it for edit"),
                    guards=(graduate_can_still_edit,),
                    form=ReturnForm,
                    prepare=seen,
                    keeps=_SEEN,
                    effects=(do.keep_opinions, *return_effects),
                    notices=told("returned"),
                )
            )
    for kind, stage in stages:
        rows.append(
            Transition(
                event="reject",
                sources=(stage,),
                who=(kind,),
                target=rejected,
                label=_verb(witnessed, _("Refuse to witness"), _("Reject")),
                said=_refused(witnessed, kind),
                form=RejectForm,
                prepare=seen,
                keeps=("reason_code", *_SEEN),
                effects=(do.remember_stage, *reject_effects),
                notices=told("rejected"),
                irreversible=True,
            )
        )
    return tuple(rows)


def withdrawal(
    sources: Sequence[str],
    said: Label,
    *,
    target: str = "draft",
    label: Label = _("Withdraw"),
    effects: Sequence[Effect] = (do.release_graduate,),
) -> Transition:
    """The graduate takes back what was handed in, as long as nobody has decided."""
    return Transition(
        event="withdraw",
        sources=tuple(sources),
        who=(GRADUATE,),
        target=target,
        label=lambda case: label,
        said=said,
        guards=(nobody_has_decided,),
        form=WithdrawForm,
        effects=tuple(effects),
    )


def upheld_rows(
    states: Sequence[State], *, guards: Sequence[Guard] = (), effects: Sequence[Effect] = (), unit: bool = False
) -> tuple[Transition, ...]:
    """What becomes of a case when an objection to it is upheld (与事实不符); every table has these rows.

    Where cases can be void, one that binds its graduate becomes so: the claim ends, EMS ← 待就业, `effects` come on
    top. Of every other case the finding stands in its history. `unit`: the unit of the case is told.
    """
    voided = names_of(states, Stage.VOIDED)
    bound = names_of(states, *BINDING) if voided else ()
    others = tuple(state.name for state in states if state.name not in bound)
    notices = (Notice("record_upheld", to=(EMPLOYER,)),) if unit else ()
    common: dict[str, Any] = {
        "event": "uphold",
        "who": (SYSTEM_KIND,),
        "label": says(_("Objection upheld")),
        "keeps": ("objection",),
        "notices": notices,
        "anyhow": True,
    }
    found = Transition(
        **common, sources=others, target=Choice(as_it_is, others, stays=True), said=_("Found not to be true")
    )
    if not bound:
        return (found,)
    ended = Transition(
        **common,
        sources=bound,
        target=voided[0],
        said=_("Found not to be true: voided"),
        guards=tuple(guards),
        effects=(do.release_graduate, do.report_pending, *effects),
    )
    return ended, found


def as_it_is(context: Context[Any]) -> str:
    """The state in which the case is."""
    return str(context.case.state)


def _verb(witnessed: bool, two_party: Label, three_party: Label) -> Callable[[Any], Label]:
    return lambda case: two_party if witnessed and is_witnessed(case) else three_party


def _refused(witnessed: bool, kind: str) -> Callable[[Any], Label]:
    if kind == DEPARTMENT:
        return _verb(witnessed, _("Department refused to witness"), _("Department rejected"))
    return _verb(witnessed, _("School refused to witness"), _("School rejected"))


def _seen(uscc: Uscc) -> Prepare:
    """What the company register said when the verdict was given is kept with it (R8.10)."""
    return lambda context: {**context.data, **seen_with_decision(context.sent, uscc(context.case))}


def _approving(effects: Sequence[Effect], refreshes: bool) -> tuple[Effect, ...]:
    return (do.take_latest_student, *effects, do.let_cases_follow) if refreshes else tuple(effects)


def rejected_by(by_department: Label, by_school: Label) -> Callable[[Any, Actor | None], Label]:
    """A rejected case says who rejected it; None for every other case, which is called as the table says."""

    def label(case: Any, reader: Actor | None) -> Label:
        del reader
        if case.stage != Stage.FAILED or case.rejected_from is None:
            return None
        stopped = registry.get(case.workflow_name).state(case.rejected_from)
        return by_department if stopped.waits_for == DEPARTMENT else by_school

    return label
