"""How an online termination is told to its reader: who asked, why, how far it is. For pages; no rule is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.base.dates import time_text
from app.cases import progress
from app.cases.home import Telling
from app.codes import queries as codes
from app.roster.services.graduates import own_graduate
from app.signing.online.models import OnlineSigning
from app.termination import guards
from app.termination.online import queries
from app.termination.online.models import OnlineTermination
from app.termination.online.services import why_not_to_start
from app.termination.records import allowance_words
from app.workflow import engine, history, registry
from app.workflow.models import History
from app.workflow.stages import MOVING, Stage
from app.workflow.table import Workflow

Rows = list[tuple[str, Any]]
_TABS = {"terminating": MOVING, "terminated": (Stage.IN_FORCE,), "termination_failed": (Stage.FAILED,)}


def _table() -> Workflow:
    return registry.get(OnlineTermination.workflow_name)


def asked_rows(case: OnlineTermination) -> Rows:
    """解约申请: who asks, why, since when."""
    rows: Rows = [(_("Asked for by"), _starter(case))]
    if case.data.get("reason_code"):
        rows.append((_("Reason for termination"), codes.label("rescission_reason", case.data["reason_code"])))
    rows.append((_("Explanation of the termination"), case.data.get("reason") or _("none")))
    return [*rows, (_("Asked on"), time_text(case.created_at))]


def _starter(case: OnlineTermination) -> str:
    if case.started_by == GRADUATE:
        return _("Graduate: %(name)s", name=case.graduate.name)
    return _("Unit: %(name)s", name=unit_name(case.signing))


def starter_word(case: OnlineTermination) -> str:
    """解约发起方 in a list: 学生 or 单位."""
    return _("Student") if case.started_by == GRADUATE else _("Unit side")


def unit_name(signing: OnlineSigning) -> str:
    """The unit as the agreement names it."""
    return str((signing.snapshot or {}).get("employer", {}).get("name") or signing.employer.name)


def reason_word(case: OnlineTermination) -> str:
    """The reason chosen from the list; units write theirs."""
    return codes.label("rescission_reason", case.data.get("reason_code"))


def told(case: OnlineTermination, actor: Actor, past: Sequence[History] | None = None) -> dict[str, Any]:
    """One termination as pages show it."""
    return {
        "case": case,
        "label": _table().label_of(case, actor),
        "tone": progress.tone_for(case, actor),
        "waiting": progress.waiting_sentence(case, actor),
        "timeline": progress.timeline(case, actor, past),
        "events": engine.available(case, actor),
        "rows": asked_rows(case),
    }


def panel(signing: OnlineSigning, actor: Actor) -> dict[str, Any] | None:
    """What the page of an agreement shows: newest and earlier terminations, and whether another can be asked for."""
    found = queries.terminations_of(signing, actor)
    is_side = signing.stage == Stage.IN_FORCE and actor.kind in (GRADUATE, EMPLOYER)
    if not found and not is_side:
        return None
    past = history.of_cases(OnlineTermination.workflow_name, [case.id for case in found]) if found else {}
    shown = [told(case, actor, past[case.id]) for case in found]
    may_ask = is_side and not signing.is_being_terminated
    refusal = why_not_to_start(signing, actor=actor) if may_ask else None
    is_own = is_side and signing.graduate_id == actor.graduate_id
    return {
        "newest": shown[0] if shown else None,
        "earlier": shown[1:],
        "starts": may_ask and refusal is None,
        "refusal": refusal.message if refusal is not None else "",
        "allowance": allowance_words(guards.allowance(own_graduate(actor)), counted=False) if is_own else "",
    }


def others_of(case: OnlineTermination, actor: Actor) -> list[tuple[OnlineTermination, str]]:
    """What else was asked for to end the same agreement, the newest first, with its state in words."""
    found = queries.terminations_of(case.signing, actor)
    return [(one, _table().label_of(one, actor)) for one in found if one.id != case.id]


def tell(case: OnlineTermination, actor: Actor) -> Telling:
    """A termination on the graduate's home."""
    asks = "agree" in engine.available(case, actor)
    return Telling(
        title=_("%(unit)s asks you to terminate this agreement", unit=unit_name(case.signing)) if asks else "",
        lines=[("building-2", unit_name(case.signing)), ("file-x", _("Agreement %(number)s", number=case.number))],
        verb=_("Read and answer") if asks else "",
        asks=asks,
    )


def says_more(cases: Sequence[OnlineTermination], actor: Actor) -> Mapping[str, Mapping[int, Any]]:
    """By what and when the side that has to answer was told."""
    del actor
    return {"delivery": {key: [one.told() for one in found] for key, found in queries.deliveries_of(cases).items()}}


class Ends:
    """What the pages of the signings ask this room."""

    def is_open(self, signing: Any) -> bool:
        """Whether an application is in progress; the signing's own row says so, held or not."""
        return isinstance(signing, OnlineSigning) and signing.is_being_terminated

    def held(self, signing: Any) -> Sequence[OnlineTermination]:
        """The application in progress, held."""
        return queries.held_applications(signing)

    def states(self, tab: str) -> Sequence[tuple[str, str]]:
        """The states of the tab's terminations."""
        return [(name, str(_table().state(name).label)) for name in _table().states_in(*_TABS[tab])]

    def is_in(self, state: str) -> ColumnElement[bool]:
        """Whether the newest termination of an agreement is in this state."""
        return queries.newest_state() == state

    def newest(self, signings: Sequence[OnlineSigning], actor: Actor) -> Mapping[int, Mapping[str, Any]]:
        """Signing id → its newest termination."""
        return {
            key: {
                "case": case,
                "label": _table().label_of(case, actor),
                "tone": progress.tone_for(case, actor),
            }
            for key, case in queries.newest_of(signings, actor).items()
        }

    def panel(self, signing: OnlineSigning, actor: Actor) -> Mapping[str, Any] | None:
        """Newest and earlier terminations."""
        return panel(signing, actor)
