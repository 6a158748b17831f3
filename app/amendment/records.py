"""How an amendment is told to its reader: which terms, from what to what. For pages, notices and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.access.actors import EMPLOYER, GRADUATE, Actor
from app.amendment.forms import AMENDABLE
from app.amendment.models import Amendment
from app.amendment.queries import amendments_of
from app.base.dates import day_text
from app.base.wording import joined, listed
from app.cases import progress
from app.cases.home import Telling
from app.codes import queries as codes
from app.signing.online.models import OnlineSigning
from app.web import links
from app.workflow import engine, registry
from app.workflow.stages import MOVING, Stage

_CODES = {"category": "job_category", "employment_form": "employment_form"}


def change_rows(changes: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Field, before and after in words, in the order of the letter."""
    return [
        (str(label), in_words(field, changes[field]["from"]), in_words(field, changes[field]["to"]))
        for field, label in AMENDABLE.items()
        if field in changes
    ]


def in_words(field: str, value: Any) -> str:
    """One value as a person reads it."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    name = field.partition(".")[2]
    if name in _CODES:
        return codes.label(_CODES[name], value) or str(value)
    if name == "region":
        return codes.region_label(value)
    if name in ("probation_months", "service_months"):
        return _("%(months)s months", months=value)
    if name in ("salary_month", "probation_salary"):
        return _("%(pay)s yuan", pay=value)
    return day_text(value) if name == "report_by" else str(value)


def rows(case: Amendment) -> list[tuple[str, Any]]:
    """What the case says: agreement, unit, who asks, each change, why."""
    starter = case.graduate.name if case.started_by == GRADUATE else case.employer.name
    empty = _("empty")
    return [
        (_("Agreement number"), case.signing.number),
        (_("Unit"), case.employer.name),
        (_("Change asked for by"), starter),
        *((label, f"{old or empty} → {new or empty}") for label, old, new in change_rows(case.changes)),
        (_("Reason in words"), case.data.get("reason")),
    ]


def changes_words(case: Amendment) -> str:
    """All changes in one line."""
    empty = _("empty")
    return joined(f"{label} {old or empty} → {new or empty}" for label, old, new in change_rows(case.changes))


def fields_words(case: Amendment) -> str:
    """Which terms change, in one line."""
    return listed(label for label, _old, _new in change_rows(case.changes))


def facts(case: Amendment) -> dict[str, str]:
    """For notices: the agreement while there is no supplement, and what changes."""
    return {"number": case.number or case.signing.number or "", "changes": changes_words(case)}


def tell(case: Amendment, actor: Actor) -> Telling:
    """An amendment on the graduate's home."""
    asks = "agree" in engine.available(case, actor)
    return Telling(
        title=_("%(unit)s asks you to amend this agreement", unit=case.employer.name) if asks else "",
        lines=[
            ("building-2", case.employer.name),
            ("file-pen-line", _("Agreement %(number)s", number=case.signing.number)),
        ],
        verb=_("Read and answer") if asks else "",
        asks=asks,
    )


def panel(signing: OnlineSigning, actor: Actor) -> dict[str, Any] | None:
    """What the page of an agreement shows: what was amended, what is in progress, and whether more can be asked for."""
    found = amendments_of(signing, actor)
    is_side = signing.stage == Stage.IN_FORCE and actor.kind in (GRADUATE, EMPLOYER) and signing.invalid_since is None
    if not found and not is_side:
        return None
    table = registry.get(Amendment.workflow_name)
    shown = [
        {
            "case": case,
            "label": table.label_of(case, actor),
            "tone": progress.tone_for(case, actor),
            "url": links.record_url(case.workflow_name, case.id, actor.kind),
        }
        for case in found
    ]
    is_open = any(case.stage in MOVING for case in found)
    return {"shown": shown, "starts": is_side and not is_open and not signing.is_being_terminated}
