"""What a reviewer has to know of the units before many cases are decided at once (R8.10, R8.11, R8.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.access.actors import Actor
from app.cases.records import employer_json
from app.company_register.queries import UnitState, known_state
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
    def stands_out(self) -> bool:
        """Whether somebody ought to look twice."""
        return self.warning is not None or bool(self.state and self.state.stands_out)


def unit_of(case: Any) -> tuple[str, str | None] | None:
    """Name and credit code of a case's unit, registered or typed by the graduate; None where there is none."""
    known = employer_json(case)
    typed: Mapping[str, Any] = (case.data or {}).get("employer") or {}
    name = (known or {}).get("name") or typed.get("name")
    return (str(name), (known or {}).get("uscc") or typed.get("uscc") or None) if name else None


def units_of(cases: Sequence[Any], actor: Actor) -> list[UnitConcerned]:
    """The units of these cases, those that stand out first; two look-ups, however many cases."""
    counted: dict[tuple[str, str | None], int] = {}
    for case in cases:
        unit = unit_of(case)
        if unit is not None:
            counted[unit] = counted.get(unit, 0) + 1
    schools = {getattr(case, "school_id", None) for case in cases}
    school = schools.pop() if len(schools) == 1 else actor.school_id
    warned = warnings_for([uscc for _name, uscc in counted], actor, school)
    units = [
        UnitConcerned(name, uscc, count, warned.get(uscc or ""), known_state(uscc) if uscc else None)
        for (name, uscc), count in counted.items()
    ]
    return sorted(units, key=lambda unit: (not unit.stands_out, -unit.cases))
