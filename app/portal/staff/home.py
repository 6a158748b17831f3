"""What stands under “today” on the homes of staff: what is unusual, with the way to its list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.access.actors import Actor
from app.base.dates import day_text
from app.base.wording import joined, listed
from app.cases.admin.waiting import Waiting
from app.cases.arrivals.queries import VIEW as ARRIVALS
from app.employers.verification.workflow import VERIFICATION
from app.portal.staff.queries import MINE, Late, late_of, operations
from app.signals.queries.shown import MODULE, NEW, VIEW, count_new
from app.web.health import parts_down
from app.web.links import assigned_url
from app.web.shell import picked_cohort


def unusual(waiting: Sequence[Waiting], actor: Actor, list_of: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """What is assigned to the reader, what has waited for long, and what the employment system has refused; else []."""
    late = late_of(waiting, actor, picked_cohort())
    tiles = _mine(waiting, late, list_of)
    tiles += [
        {
            "label": _("%(what)s: waiting for more than 3 days", what=one.workflow.label),
            "figure": late[one.workflow.name].count,
            "url": list_of(one.workflow.name),
            "hint": _("the oldest since %(day)s", day=day_text(late[one.workflow.name].oldest)),
            "tone": "failed",
        }
        for one in waiting
        if one.total and late[one.workflow.name].count
    ]
    refused = late[ARRIVALS].count if ARRIVALS in late else 0
    if refused:
        words = _("Refused by the employment system")
        tiles.append({"label": words, "figure": refused, "url": url_for("ArrivalsView.open"), "tone": "failed"})
    return [*tiles, *_signals(actor)]


def _mine(waiting: Sequence[Waiting], found: Mapping[str, Late], list_of: Callable[[str], str | None]) -> list[Any]:
    rows = [(one.workflow, found.get(f"{MINE}{one.workflow.name}")) for one in waiting]
    return [
        {
            "label": _("%(what)s: assigned to me", what=workflow.label),
            "figure": mine.count,
            "url": f"{list_of(workflow.name)}?_flt_0_reviewer=mine",
            "hint": _("the oldest since %(day)s", day=day_text(mine.oldest)),
            "tone": "mine",
        }
        for workflow, mine in rows
        if mine is not None and mine.count
    ]


def _signals(actor: Actor) -> list[dict[str, Any]]:
    """What the rules have found odd and the reader's office has said nothing of."""
    new = count_new(actor) if actor.reads(MODULE) and actor.may("can_list", VIEW) else 0
    url = url_for("SignalView.list", _flt_0_closed_at=NEW)
    return [{"label": _("New signals"), "figure": new, "url": url, "tone": "waiting"}] if new else []


def operations_today(actor: Actor) -> list[dict[str, Any]]:
    """What operators have to look at today; links only where they may read the list."""
    found, down = operations(actor), parts_down()
    since = _("the oldest since %(day)s", day=day_text(found["oldest"])) if found["oldest"] else ""
    late = _("%(count)s of them for more than 3 days", count=found["late_verifications"])
    counts = [
        (_("Verifications to review"), "verifications", "VerificationAdmin", joined(filter(None, (since, late)))),
        (_("Records the employment system has not taken"), "dead_letters", "SyncView", ""),
        (_("Notices that reached no inbox"), "notices", "UndeliveredView", ""),
        (_("Notices that could not be sent outside"), "deliveries", "DeliveryView", ""),
        (_("Papers not made yet"), "papers", "UnmadeView", ""),
    ]
    tiles = [
        {
            "label": label,
            "figure": found[name],
            "url": url_for(f"{view}.list"),
            "hint": hint if found[name] else "",
            "tone": "mine" if name == "verifications" else "failed",
        }
        for label, name, view, hint in counts
        if name == "verifications" or found[name]
    ]
    if found["mine"]:
        name = VERIFICATION.name
        words = _("%(what)s: assigned to me", what=VERIFICATION.label)
        tiles.insert(0, {"label": words, "figure": found["mine"], "url": assigned_url(name), "tone": "mine"})
    if down:
        tiles.append(
            {"label": _("Parts that do not answer"), "figure": len(down), "hint": listed(down), "tone": "failed"}
        )
    return [*tiles, *_signals(actor)]
