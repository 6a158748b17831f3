"""What a reviewer has to know of the units before many cases are decided at once (R8.10, R8.11, R8.15)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.access.actors import Actor
from app.cases.models import CaseMixin
from app.cases.records import employer_json
from app.company_register.queries import UNAVAILABLE, UnitState, known_state, state_of
from app.flags.queries import Shown, warnings_for

MOST_SHOWN: Final = 20  # so many units are shown one by one, and the register asked for each; beyond: what stands out


@dataclass(frozen=True)
class UnitConcerned:
    """One unit of the chosen cases."""

    name: str
    uscc: str | None
    cases: int
    warning: Shown | None  # as this reader sees it
    state: UnitState | None  # as far as the register has been asked before

    @property
    def known(self) -> bool:
        """Whether the register has answered, or has nothing to answer because there is no code."""
        return not self.uscc or (self.state is not None and self.state.outcome != UNAVAILABLE)

    @property
    def stands_out(self) -> bool:
        """Whether somebody ought to look twice."""
        return self.warning is not None or bool(self.state and self.state.stands_out)


def unit_of(case: CaseMixin) -> tuple[str, str | None] | None:
    """Name and credit code of a case's unit, registered or typed by the graduate; None where there is none."""
    known = employer_json(case)
    typed: Mapping[str, Any] = (case.data or {}).get("employer") or {}
    name = (known or {}).get("name") or typed.get("name")
    return (str(name), (known or {}).get("uscc") or typed.get("uscc") or None) if name else None


def units_of(cases: Sequence[Any], actor: Actor) -> list[UnitConcerned]:
    """The units of these cases, those that stand out first; two look-ups, however many cases."""
    return concerned([unit for case in cases if (unit := unit_of(case))], actor)


def concerned(named: Iterable[Sequence[Any]], actor: Actor) -> list[UnitConcerned]:
    """The same for name and code of the unit of each case."""
    counted = Counter((str(name), uscc) for name, uscc in named)
    warned = warnings_for([uscc for _name, uscc in counted], actor, actor.school_id)
    units = [
        UnitConcerned(name, uscc, count, warned.get(uscc or ""), known_state(uscc) if uscc else None)
        for (name, uscc), count in counted.items()
    ]
    return sorted(units, key=lambda unit: (not unit.stands_out, -unit.cases))


def look_up(cases: Sequence[Any], seconds: float = 5) -> None:
    """Ask the register for the units of these cases that are not known yet, as far as the time goes."""
    limit = time.monotonic() + seconds
    for uscc in dict.fromkeys(unit[1] for case in cases if (unit := unit_of(case)) and unit[1]):
        if time.monotonic() > limit:
            return
        state_of(uscc)


def units_json(units: Sequence[UnitConcerned]) -> list[dict[str, Any]]:
    """Units as the API tells them; `register_state` is null where the register could not be asked."""
    return [
        {
            "name": unit.name,
            "uscc": unit.uscc,
            "count": unit.cases,
            "warning": unit.warning.labels if unit.warning else [],
            "register_state": unit.state.told if unit.state and unit.known else None,
            "stands_out": unit.stands_out,
        }
        for unit in units
    ]
