"""The only writers of what is set for the time of a cohort. Nothing is opened by it: it can be set at any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access import audit
from app.access.actors import PROVINCE, Actor
from app.base.database import session, transaction
from app.base.errors import Invalid
from app.codes.forms import read
from app.schools.changes import known_cohort
from app.schools.queries import province_subject, school_subject
from app.schools.seasons.forms import ProvinceSeasonForm, SchoolSeasonForm
from app.schools.seasons.models import ProvinceSeason, SchoolSeason
from app.schools.seasons.queries import WINDOWS, limits_for, season_of_province, season_of_school, window_in
from app.schools.services import PROVINCE_SETTINGS, own_province, own_school, refuse_without_permission

OF_SCHOOL, OF_PROVINCE = tuple(SchoolSeasonForm().fields), tuple(ProvinceSeasonForm().fields)


def save_school_season(changes: Mapping[str, Any], cohort: int | None = None, *, actor: Actor) -> SchoolSeason:
    """Change what the actor's school has set for a cohort; what `changes` does not name stays.

    Called by school accounts with 读写 on employment. Raises Forbidden, Invalid.
    """
    with transaction():
        school = own_school(actor, "employment")
        year, clean = known_cohort(cohort), dict(read(SchoolSeasonForm, _of(OF_SCHOOL, changes)))
        _refuse_below(clean, limits_for(None, school.province_id, year).answer_min)
        for name in WINDOWS:
            if name in clean:
                days = clean.pop(name) or {}
                clean |= {f"{name}_from": days.get("from_"), f"{name}_until": days.get("until")}
        season = season_of_school(school.id, year) or SchoolSeason(school_id=school.id, cohort=year)
        _write(season, clean, school_subject(school, year, "employment"), actor)
    return season


def save_province_season(changes: Mapping[str, Any], cohort: int | None = None, *, actor: Actor) -> ProvinceSeason:
    """The same for the actor's province, which also says how approved destinations may change, and until when."""
    with transaction():
        province = own_province(actor)
        refuse_without_permission(actor, PROVINCE, "can_open", PROVINCE_SETTINGS, "employment")
        year, clean = known_cohort(cohort), read(ProvinceSeasonForm, _of(OF_PROVINCE, changes))
        season = season_of_province(province.id, year) or ProvinceSeason(province_id=province.id, cohort=year)
        _write(season, clean, f"{province_subject(province)} {year}", actor)
    return season


def _of(names: Iterable[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: changes[name] for name in names if name in changes}


def _refuse_below(clean: Mapping[str, Any], least: int) -> None:
    days = clean.get("deadlines", {}).get("answer_min")
    if days is not None and days < least:
        text = _("The province gives at least %(days)s days; this can be more, not less.", days=least)
        raise Invalid({"deadlines.answer_min": [text]})


def _write(season: SchoolSeason | ProvinceSeason, clean: Mapping[str, Any], subject: str, actor: Actor) -> None:
    """Write what is new, with a line in the trail of what was before."""
    before = _told(season)
    for name, value in clean.items():
        if name == "deadlines":
            kept = {**(season.deadlines or {}), **value}
            season.deadlines = {key: days for key, days in kept.items() if days}
        else:
            setattr(season, name, value)
    session.add(season)
    session.flush()
    after = _told(season)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        told = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
        audit.record("settings", actor=actor, subject=subject, detail=told)


def _told(season: SchoolSeason | ProvinceSeason) -> dict[str, Any]:
    """What is set, as the trail keeps it."""
    told: dict[str, Any] = {"deadlines": dict(season.deadlines or {})}
    if isinstance(season, SchoolSeason):
        windows = {name: window_in(season, name) for name in WINDOWS}
        days = {name: [one.since.isoformat(), one.until.isoformat()] if one else None for name, one in windows.items()}
        return {**told, **days}
    until = season.changes_until.isoformat() if season.changes_until else None
    return {**told, "destination_change": season.destination_change, "changes_until": until}
