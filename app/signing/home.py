"""The signings on the graduate's home: how one is told, the way in, and why it may be closed now."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.access.actors import Actor
from app.base.clock import today
from app.base.cohorts import is_operable
from app.base.dates import day_text, deadline_text
from app.base.errors import Conflict
from app.cases.claims import refuse_bound
from app.cases.home import Step, Telling, Way, closure_of
from app.cases.models import CaseMixin
from app.roster.guards import DIRECTED
from app.roster.models import Graduate
from app.schools.guards import refuse_closed
from app.signing.online import records
from app.signing.online.models import OnlineSigning
from app.web.filters import remaining
from app.workflow import engine
from app.workflow.stages import Stage


def tell_invitation(case: OnlineSigning, actor: Actor) -> Telling:
    """An online signing on the home: what is offered, or the agreement."""
    unit, events = records.employer_facts(case)["name"], engine.available(case, actor)
    position, until = case.data["position"], case.valid_until
    if case.stage == Stage.IN_FORCE:
        return tell_signed(case, unit)
    if case.stage != Stage.OFFERED:
        return Telling(lines=[("building-2", unit)])
    return Telling(
        title=_("%(unit)s invites you to sign", unit=unit),
        lines=[
            ("briefcase", f"{position['title']} · {records.yuan(position['salary_month'])}"),
            ("hourglass", _("Answer until %(day)s, %(left)s", day=deadline_text(until), left=remaining(until))),
        ],
        verb=_("Read and answer"),
        asks="accept" in events,
        dated=True,
    )


def tell_signed(case: CaseMixin, unit: str) -> Telling:
    """A signing of any kind that is in force."""
    lines = [("file-check", _("Agreement %(number)s", number=case.number))] if case.number else []
    return Telling(
        title=_("Signed with %(unit)s", unit=unit), lines=lines, verb=_("See the agreement"), steps=_after(case)
    )


def _after(case: CaseMixin) -> list[Step]:
    """What is next once it is signed: the day to be there, and what shows to others that the agreement is genuine."""
    day, steps = case.data["position"].get("report_by"), []
    if day:
        left = remaining(day) if date.fromisoformat(day) >= today() else ""
        calendar = url_for("graduate.calendar", workflow=case.workflow_name, case_id=case.id)
        steps.append(Step("briefcase", _("Report for work by %(day)s", day=day_text(day)), left))
        steps.append(Step("calendar", _("Put the day into my calendar"), "", calendar))
    if case.number:
        more = _(
            "Whoever has this link and your name sees that %(number)s is genuine and in force.", number=case.number
        )
        link = url_for("verify.ask", number=case.number)
        steps.append(Step("shield-check", _("Let others check your agreement"), more, link))
    return steps


def why_not_signing(graduate: Graduate, actor: Actor) -> str:
    """Why this graduate cannot begin a signing of any kind now, in words; "" when it is possible."""
    del actor
    if graduate.training_mode in DIRECTED:
        return _("Your training mode (21 or 41) does not allow signing.")
    if not is_operable(graduate.cohort):
        return _("The season of your cohort is over: records can only be read.")
    try:
        refuse_closed(graduate, closure_of(graduate, "employment"))
    except Conflict as refusal:
        return str(refusal.message)
    return ""


def why_not_on_paper(graduate: Graduate, actor: Actor) -> str:
    """The same for signings on paper, which nobody begins who is bound already."""
    try:
        refuse_bound(graduate.claim, "offline_signing", None)
    except Conflict as refusal:
        return str(refusal.message)
    return why_not_signing(graduate, actor)


INVITATIONS = Way(
    name="online_signing",
    order=10,
    title=lazy_gettext("Online signing"),
    text=lazy_gettext(
        "The unit is registered here and invites you; you accept on the phone, the school reviews, nothing is "
        "printed. Choose this if the unit has sent you an invitation."
    ),
    icon="mail-check",
    endpoint="graduate.signings",
    closed=why_not_signing,
)


def tell_paper(case: Any, actor: Actor) -> Telling:
    """The unit, and what the graduate has to do next; one in force is told of as every other."""
    unit = case.employer.name if case.employer else ""
    if case.stage == Stage.IN_FORCE:
        return tell_signed(case, unit)
    verb = {
        Stage.HALFWAY: _("Print and give back"),
        Stage.RETURNED: _("Edit as the reviewer says"),
    }.get(case.stage, "")
    return Telling(lines=[("building-2", unit)] if unit else [], verb=verb)


APPLYING = Way(
    name="offline_signing",
    order=20,
    title=lazy_gettext("Apply for an agreement to be stamped on paper"),
    text=lazy_gettext(
        "The unit is not registered here and nothing is signed yet: you fill in the agreement, the school "
        "reviews it, you print it, the unit stamps it and you give the picture back."
    ),
    icon="printer",
    endpoint="paper.begin",
    values={"workflow": "offline_signing"},
    closed=why_not_on_paper,
)
REGISTERING = Way(
    name="supplementary",
    order=30,
    title=lazy_gettext("Register an agreement that is signed already"),
    text=lazy_gettext(
        "You hold a paper agreement with all stamps: enter what stands on it and take pictures of its pages."
    ),
    icon="camera",
    endpoint="paper.begin",
    values={"workflow": "supplementary"},
    closed=why_not_on_paper,
)
