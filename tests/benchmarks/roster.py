"""The roster import at full size: checked and committed, beside reading the sheet and a bare COPY of the same rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.benchmarks.house import House

SCHOOL = "10284"
SIZES = (20_000, 100_000)
_CHUNK = 1000


@dataclass(frozen=True)
class ImportTimes:
    """Seconds of one run; everything on the same machine and database, one after the other."""

    students: int
    megabytes: float
    reading: float
    bare_copy: float
    checking: float
    committing: float

    @property
    def ratio(self) -> float:
        """Check and commit, encryption included, in units of reading the sheet and a bare COPY of the same rows."""
        return (self.checking + self.committing) / (self.reading + self.bare_copy)


def measured_import(house: House, students: int = 100_000, rounds: int = 3) -> ImportTimes:
    """Import a sheet of so many invented students into one school, some times; the round with the median ratio."""
    content = sheet_of(students)
    _import(house, sheet_of(10))  # code tables and programs are read once
    times = [_measured(house, content, students) for _round in range(rounds)]
    return sorted(times, key=lambda one: one.ratio)[rounds // 2]


def sheet_of(students: int) -> bytes:
    """A sheet as schools upload it: all cells text, shared strings."""
    from app.roster.imports.columns import HEADINGS, SHEET_NAME

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet(SHEET_NAME)
    for number, row in enumerate([HEADINGS, *_invented(students)]):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    book.close()
    return file.getvalue()


def _invented(students: int) -> Iterator[tuple[str, ...]]:
    from datetime import date, timedelta

    from app.base.cohorts import current_cohort
    from trial.demo.names import invented_id_number, invented_mobile, invented_name

    dice, cohort = Random(2027), str(current_cohort())
    for key in range(students):
        sex = "1" if key % 2 else "2"
        born = date(2003, 9, 1) + timedelta(days=key // 2 % 1461)
        education = dice.choice(("31", "31", "31", "11", "01"))
        yield (
            *(f"2332{key:010d}", f"2023{key:08d}", invented_name(dice, sex), sex),
            *(invented_id_number(dice, sex, born, key // 2922), f"{dice.randint(1, 56):02d}", "03", SCHOOL),
            *(f"第{dice.randint(1, 40):02d}学院", f"专业{dice.randint(1, 200):03d}", education, "4", "1", cohort),
            *(f"{cohort}-06-30", "320102", "0", "2", invented_mobile(dice, key), f"s{key}@student.invalid"),
            f"南京市仙林大道{dice.randint(1, 999)}号{dice.randint(1, 99)}室",
        )


def _measured(house: House, content: bytes, students: int) -> ImportTimes:
    begun = perf_counter()
    CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    reading = perf_counter() - begun
    checking, bare, committing = _import(house, content)
    return ImportTimes(students, len(content) / 2**20, reading, bare, checking, committing)


def _import(house: House, content: bytes) -> tuple[float, float, float]:
    """Seconds of the check, of a bare COPY of what it made, and of the commit; undone afterwards."""
    from flask_appbuilder.security.sqla.models import User
    from sqlalchemy import select

    from app.access.actors import load_actor
    from app.base.database import session, transaction
    from app.roster.imports.services.batches import check_batch, receive_sheet
    from app.roster.imports.services.writing import commit_batch, undo_batch

    with house.app.app_context():
        actor = load_actor(session.scalars(select(User.id).where(User.username == f"school{SCHOOL}")).one())
        begun = perf_counter()
        batch = receive_sheet(content, "students.xlsx", actor=actor)
        with transaction():
            check_batch(batch.id)
        checking = perf_counter() - begun
        assert batch.state == "ready", batch.errors[:3]
        bare = _bare_copy(house, batch)
        begun = perf_counter()
        commit_batch(batch.id, actor=actor)
        committing = perf_counter() - begun
        undo_batch(batch.id, actor=actor)
    with house.connect() as connection:
        connection.autocommit = True
        connection.execute("VACUUM FULL graduates")
        connection.execute("CHECKPOINT")
    return checking, bare, committing


def _bare_copy(house: House, batch: Any) -> float:
    """COPY of the finished rows into a table that has nothing but the columns."""
    from app.roster.imports.packing import COLUMNS, sealed
    from app.roster.imports.queries import parts_of

    blocks = [sealed(part.after or "", batch.province_id, batch.school_id) for part in parts_of(batch, "new")]
    with house.connect() as connection:
        connection.execute(f"CREATE TABLE bare AS SELECT {', '.join(COLUMNS)} FROM graduates WITH NO DATA")  # type: ignore[call-overload]
        connection.commit()
        begun = perf_counter()
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for block in blocks:
                copy.write(f"{block}\n")
        connection.commit()
        seconds = perf_counter() - begun
        connection.execute("DROP TABLE bare")
    return seconds
