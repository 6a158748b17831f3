"""Makes the generated country: places and units first, then graduates with their signings by several processes."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any

import psycopg
from sqlalchemy import func, select

from app.base import clock
from app.base.database import session, transaction
from app.base.settings import settings
from app.codes import queries as codes
from app.codes.fields import AGREEMENT
from app.codes.graduate_fields import fields_in
from app.codes.seeds import seed_codes
from app.codes.services import announce
from trial.demo.generator.paths import LAST, Outcomes
from trial.demo.generator.places import prepare_school, prepare_schools, schools_for
from trial.demo.generator.plan import Labels, SchoolPlan, Share, UnitPlan, seasons_until
from trial.demo.generator.units import prepare_units
from trial.demo.generator.writing import write_share

_LOCK = 0x67656E65  # one run at a time in a database
_ALONE = 4000  # graduates; fewer are not worth starting processes for
_TABLES = ("graduates", "online_signings", "claims", "favorites", "history", "employers")


def generate_country(
    graduates: int,
    *,
    seed: int,
    processes: int | None = None,
    schools: int | None = None,
    school: str = "",
    last: Outcomes = LAST,
) -> dict[str, int]:
    """Add so many invented graduates, with about one signing each, to the database of the settings.

    For the command line and the benchmarks. What is there stays; a second run adds as many again. Needs an
    application context. Returns how many rows of each table were written.

    Args:
        schools: over how many of them; without it as many as the graduates fill.
        school: the code of the only one. Raises LookupError where it is none or its province has opened nothing.
        last: what has become of a graduate's newest signing, per thousand.
    """
    rng = Random(seed)  # noqa: S311 - invented data, not secrets
    now = clock.now().replace(microsecond=0)
    seasons = seasons_until(now)
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        seed_codes()
        announce()
        if school:
            plans: tuple[SchoolPlan, ...] = (prepare_school(school, seasons, rng),)
        else:
            plans = prepare_schools(schools or schools_for(graduates), seasons, rng)
        units = prepare_units(graduates, _driver_connection(), now, rng)
        labels = _labels(units)
    workers = processes or (1 if graduates <= _ALONE else os.cpu_count() or 1)
    shares = [
        Share(
            number=number,
            seed=seed,
            graduates=graduates * (number + 1) // workers - graduates * number // workers,
            schools=_schools_of(plans, number, workers),
            units=units,
            labels=labels,
            seasons=seasons,
            now=now,
            settings=settings(),
            last=last,
        )
        for number in range(workers)
    ]
    written = _write(shares)
    _tidy()
    return {"schools": len(plans), **written}


def _schools_of(schools: tuple[SchoolPlan, ...], number: int, workers: int) -> tuple[SchoolPlan, ...]:
    return schools[number::workers] or schools[:1]


def _write(shares: list[Share]) -> dict[str, int]:
    total: Counter[str] = Counter()
    if len(shares) == 1:
        total.update(write_share(shares[0]))
        return dict(total)
    # Started afresh: a copy of this process would share its database connections.
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        for written in pool.map(write_share, shares):
            total.update(written)
    return dict(total)


def _tidy() -> None:
    """Let the planner know what is there now, and lists count without looking at every row."""
    with psycopg.connect(settings().psycopg_url, autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(f"VACUUM (ANALYZE) {table}")


def _driver_connection() -> Any:
    """psycopg's own connection of the running transaction."""
    return session.connection().connection.driver_connection


def _labels(units: tuple[UnitPlan, ...]) -> Labels:
    regions = {letter["position"]["region"] for unit in units for letter in unit.letters}
    return Labels(
        of_graduate={field.name: codes.labels(field.table) for field in fields_in(AGREEMENT) if field.table},
        job_category=codes.labels("job_category"),
        region={code: codes.region_label(code) for code in regions},
    )
