"""The folder of a trial in which everything stands already, made from what the tests have: no first start is waited for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from flask import Flask

from tests.faults.storm import moved
from tests.fixtures.database import TEST, Servers
from trial.places import LIFE_PENDING
from trial.postgres import Postgres
from trial.settings import ROOT
from trial.supervisor import PLATFORM, fingerprint

EMS = "ems_test"
_FIRST_SERIAL = 60_000  # of the people of the storm: nobody else of the demonstration has these
# School, department, major, and who reviews there, in this order.
_PLACES = (
    ("10001", "信息科学技术学院", "软件工程", ("dept10001a", "school10001")),
    ("10002", "商学院", "会计学", ("school10002",)),
    ("10284", "文学院", "汉语言文学", ("school10284",)),
)


@dataclass(frozen=True)
class Person:
    """A graduate with an account, who reviews their records, and the unit that is interested."""

    username: str
    graduate_id: int
    exam_number: str
    reviewers: tuple[str, ...]
    unit: str


def settle(app: Flask, number: int) -> list[Person]:
    """So many graduates in the favorites of a unit, known to the employment system, with accounts."""
    from sqlalchemy import insert

    from app.access.accounts import hash_password
    from app.access.actors import SYSTEM
    from app.base.cohorts import current_cohort
    from app.base.database import session, transaction
    from app.employers.models import Favorite
    from app.employers.services import unit_by_code
    from app.ems.roster_push import post_roster
    from app.roster.services.intake import add_graduates
    from trial.demo import country, names
    from trial.demo.load import settle_graduate

    rng, cohort, rows = Random(7), current_cohort(), []
    for serial in range(_FIRST_SERIAL, _FIRST_SERIAL + number):
        school, department, major, _reviewers = _PLACES[serial % len(_PLACES)]
        born = date(cohort - 22, rng.randint(1, 12), rng.randint(1, 28))
        name, number_of_id = names.invented_name(rng), names.invented_id_number(rng, names.MALE, born, serial)
        data = country.GraduateData(
            None, school, department, major, name, number_of_id, names.invented_mobile(rng, serial)
        )
        rows.append(data.row(cohort, serial))
    with app.app_context(), transaction():
        password = hash_password(country.PASSWORD)
        people = []
        for serial, graduate in enumerate(add_graduates(rows, actor=SYSTEM), start=_FIRST_SERIAL):
            username, unit = f"storm{serial}", country.UNITS[serial % 2]
            settle_graduate(graduate, username, password, timedelta(days=30))
            employer = unit_by_code(unit.facts["uscc"])
            assert employer is not None
            kept = {"employer_id": employer.id, "graduate_id": graduate.id, "cohort": cohort, "added_by": "storm"}
            session.execute(insert(Favorite).values(**kept))
            reviewers = _PLACES[serial % len(_PLACES)][3]
            people.append(Person(username, graduate.id, graduate.exam_number, reviewers, unit.users[0][0]))
        post_roster([one.graduate_id for one in people], key="storm")
    return people


@contextmanager
def prepared(servers: Servers) -> Iterator[Path]:
    """VAR_DIR of a trial whose databases are those of the tests, as they are now; gone at the end.

    The server of the tests is stopped while its files are copied; nobody may be connected to it.
    """
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    try:
        shutil.copytree(servers.folder / "var", folder / "var")
        (folder / "var" / LIFE_PENDING).unlink(missing_ok=True)
        servers.postgres.stop()
        try:
            subprocess.run(["cp", "-a", str(servers.folder / "pg"), str(folder / "var" / "postgres")], check=True)
        finally:
            servers.postgres.start()
        _named_as_a_trial_does(Postgres(folder / "var" / "postgres"))
        (folder / "var" / "prepared").write_text(fingerprint(ROOT), encoding="ascii")
        moved.move(folder / "clock", 0)
        yield folder / "var"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _named_as_a_trial_does(postgres: Postgres) -> None:
    postgres.start()
    try:
        with postgres.connect() as connection:
            for old, new in ((TEST, PLATFORM), (EMS, f"{PLATFORM}_ems")):
                connection.execute(f"ALTER DATABASE {old} RENAME TO {new}")  # type: ignore[arg-type]
    finally:
        postgres.stop()


def _main() -> None:
    """python -m tests.faults.storm.place 30: settle people in the database of the environment, and print who they are."""
    from app import create_app

    print(json.dumps([asdict(one) for one in settle(create_app(), int(sys.argv[1]))]))


if __name__ == "__main__":
    _main()
