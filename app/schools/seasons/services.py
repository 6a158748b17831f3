"""The only writers of what is set for the time of a cohort. Nothing is opened by it: it can be set at any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from app.access import audit
from app.access.actors import PROVINCE, Actor
from app.base.database import session, transaction
from app.base.errors import Invalid
from app.codes.forms import read
from app.schools.changes import known_cohort
from app.schools.queries import province_subject
from app.schools.seasons.forms import ProvinceSeasonForm, SchoolSeasonForm
from app.schools.seasons.models import ProvinceSeason, SchoolSeason
from app.schools.seasons.queries import limits_for, season_of_province, season_of_school
from app.schools.services import PROVINCE_SETTINGS, own_province, own_school, refuse_without_permission

OF_SCHOOL, OF_PROVINCE = tuple(SchoolSeasonForm().fields), tuple(ProvinceSeasonForm().fields)


def save_school_season(changes: Mapping[str, Any], cohort: int | None = None, *, actor: Actor) -> SchoolSeason:
    """Change what the actor's school has set for a cohort; what `changes` does not name stays.

    Called by school accounts with 读写 on employment. Raises Forbidden, Invalid.
    """
    with transaction():
        school = own_school(actor, "employment")
        year, clean = known_cohort(cohort), read(SchoolSeasonForm, changes)
        _refuse_below(clean, limits_for(None, school.province_id, year).answer_min)
        season = season_of_school(school.id, year) or SchoolSeason(school_id=school.id, cohort=year)
        _write(season, clean, f"school_season {school.code} {year}", actor)
    return season


def save_province_season(changes: Mapping[str, Any], cohort: int | None = None, *, actor: Actor) -> ProvinceSeason:
    """The same for the actor's province, which also says how approved destinations may change, and until when."""
    with transaction():
        province = own_province(actor)
        refuse_without_permission(actor, PROVINCE, "can_open", PROVINCE_SETTINGS, "employment")
        year, clean = known_cohort(cohort), read(ProvinceSeasonForm, changes)
        season = season_of_province(province.id, year) or ProvinceSeason(province_id=province.id, cohort=year)
        _write(season, clean, f"{province_subject(province)} {year}", actor)
    return season


def _refuse_below(clean: Mapping[str, Any], least: int) -> None:
    days = clean.get("deadlines", {}).get("answer_min")
    if days is not None and days < least:
        text = _("The province gives at least %(days)s days; this can be more, not less.", days=least)
        raise Invalid({"deadlines.answer_min": [text]})


def _write(season: SchoolSeason | ProvinceSeason, clean: Mapping[str, Any], subject: str, actor: Actor) -> None:
    """Write what is new, with a line in the trail of what was before."""
    before, after = {}, {}
    for name, value in clean.items():
        old = getattr(season, name)
        new = {key: days for key, days in {**(old or {}), **value}.items() if days} if name == "deadlines" else value
        if new != (old or ({} if name == "deadlines" else old)):
            before[name], after[name] = old, new
            setattr(season, name, new)
    session.add(season)
    session.flush()
    if after:
        told = {"before": _plain(before), "after": _plain(after)}
        audit.record("settings", actor=actor, subject=subject, detail=told)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
