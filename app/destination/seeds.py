"""Rows for what operators edit: adds what is missing, renews what nobody edited, keeps the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select

from app.base.database import session, transaction
from app.codes import queries as codes
from app.codes.models import CodeEntry
from app.codes.seeds import Row, merge, shipped_rows, with_source
from app.codes.services import new_version
from app.destination.models import DestinationTypeRow, MinimumWage
from app.destination.types.declared import declared_types

_LOCK = 0x64657374  # one load at a time in a database


def seed_destination_types() -> dict[str, int]:
    """Bring the table of types and their codes up to the declared entries, and a minimum wage row to every province.

    A row that an operator has edited is never overwritten, and nothing is deleted. For the command line and the
    demonstration. Returns how many rows were added, updated and kept.
    """
    done: Counter[str] = Counter()
    with transaction():
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        types = [
            with_source(
                {
                    "code": kind.code,
                    "label": kind.label,
                    "parent": kind.parent,
                    "position": kind.position,
                    "content": kind.content(),
                }
            )
            for kind in declared_types().values()
        ]
        # The amounts differ from place to place and year to year: operators fill them in.
        places = [
            with_source({"region": code, "monthly": None, "hourly": None}) for code, _name in codes.regions_under()
        ]
        done += merge(DestinationTypeRow, ("code",), types)
        done += merge(CodeEntry, ("code_table", "code"), _further_codes())
        done += merge(MinimumWage, ("region",), places)
        if done["added"] or done["updated"]:
            new_version()
    return {outcome: done[outcome] for outcome in ("added", "updated", "kept")}


def _further_codes() -> Iterator[Row]:
    """A line of the code table for each declared type that the shipped table does not have, behind its siblings."""
    shipped = list(shipped_rows("destination"))
    known = {row["code"] for row in shipped}
    for number, kind in enumerate((one for one in declared_types().values() if one.code not in known), start=1):
        siblings = [row["position"] for row in shipped if kind.parent in (row["code"], row["parent"])]
        yield with_source(
            {
                "code_table": "destination",
                "code": kind.code,
                "label": kind.label,
                "parent": kind.parent,
                "note": "",
                "position": max(siblings, default=len(shipped) * 10) + number,
                "extra": {},
            }
        )
