"""What the dry run has found out of each of the chosen records, and which of them are still wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.base.errors import Invalid, NotFound
from app.cases.models import CaseMixin
from app.cases.units import unit_of
from app.cases.words import state_word
from app.workflow import background, engine
from app.workflow.models import Job


@dataclass(frozen=True)
class Judged:
    """One of the chosen records after the dry run: whom it is about, and why it cannot be done where it cannot."""

    id: int
    name: str
    unit: str
    uscc: str
    state: Any = ""
    version: int | None = None
    refusal: str = ""

    @property
    def unit_key(self) -> str:
        """What ties the row to its unit on the page."""
        return self.uscc or self.unit


def judged_case(case: CaseMixin, outcome: engine.Outcome) -> Judged:
    """From a try at once."""
    unit = unit_of(case) or ("", None)
    # What is asked on the page is missing still: whoever gets as far as that is not refused.
    refusal = "" if outcome.ok or outcome.code == Invalid.code else str(outcome.message)
    name = case.graduate.name if case.graduate is not None else unit[0]
    return Judged(case.id, name, unit[0], unit[1] or "", state_word(case), case.version, refusal)


def judged_item(item: Mapping[str, Any], outcome: Mapping[str, Any], *, asked: bool = True) -> Judged:
    """From what a worker has written down."""
    name, uscc = outcome.get("unit") or ("", None)
    refusal = "" if _is_possible(outcome, asked=asked) else str(outcome.get("message"))
    return Judged(item["id"], item["name"] or name, name, uscc or "", refusal=refusal)


def _is_possible(outcome: Mapping[str, Any], *, asked: bool = True) -> bool:
    """`asked`: what is missing is asked on the page."""
    return bool(outcome.get("ok")) or (asked and outcome.get("code") == Invalid.code)


def still_chosen(job: Job) -> list[int]:
    """What the dry run has found possible, without those that were ticked off on its page."""
    ticked, shown = set(request.form.getlist("rowid")), set(request.form.getlist("shown"))
    asked = not job.payload.get("each")
    possible = [one.payload["id"] for one in background.items_of(job) if _is_possible(one.outcome or {}, asked=asked)]
    chosen = [one for one in possible if str(one) not in shown or str(one) in ticked]
    if not chosen:
        raise NotFound(_("Please choose at least one record."))
    return chosen


def grouped(judged: Iterable[Judged]) -> list[tuple[str, list[str]]]:
    """Why some cannot be done, with their names; the commonest reason first."""
    groups: dict[str, list[str]] = {}
    for one in judged:
        groups.setdefault(one.refusal, []).append(one.name)
    return sorted(groups.items(), key=lambda group: -len(group[1]))
