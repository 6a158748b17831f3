"""Hundreds of graduates for one unit, made quickly from one of the demonstration."""

from __future__ import annotations

from sqlalchemy import insert

from app.access.actors import Actor
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.sealed import at, draw_ids
from app.employers.models import Favorite
from app.roster.imports.packing import SEALED
from app.roster.models import Graduate


def crowd(number: int, *, like: Actor, unit: Actor | None, start: int = 1) -> list[int]:
    """Graduates of one department, in the unit's favorites where one is given; returns their ids in order."""
    pattern = session.get_one(Graduate, like.graduate_id)
    columns = [column.key for column in Graduate.__mapper__.column_attrs if column.key != "id"]
    copy = {name: getattr(pattern, name) for name in columns}
    rows = []
    keys = draw_ids(session, "graduates_id_seq", number)
    for place in range(start, start + number):
        id_number = f"11010120050101{place:04d}"
        rows.append(
            {**copy, "name": f"众{place}", "exam_number": f"99{place:012d}", "id_number": id_number}
            | {"id_number_index": blind_index(id_number), "confirmed_at": clock.now(), "id": keys[place - start]}
        )
        rows[-1] |= {name: at(rows[-1][name], rows[-1]["id"]) for name in SEALED}
    with transaction():
        session.execute(insert(Graduate), rows)
        if unit is not None:
            kept = {"employer_id": unit.employer_id, "cohort": pattern.cohort, "added_by": unit.name}
            session.execute(insert(Favorite), [{**kept, "graduate_id": one} for one in keys])
    return keys
