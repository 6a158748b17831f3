"""Years of study, as sheets have them: 4, 4.0, 4年, 四年制, 2.5."""

from __future__ import annotations

import re
from typing import Final

from app.base.spelling import compacted

_FIGURES: Final = str.maketrans("一二两三四五六七八九", "1223456789")
_YEARS: Final = re.compile(r"([1-9])(?:\.0+|(\.5)0*)?(?:学?年制?)?").fullmatch


def years_of_study(typed: str) -> str:
    """4, 4.0, 4年, 四年制 as 4, and 2.50 as 2.5; what is none of these as it came."""
    found = _YEARS(compacted(typed).translate(_FIGURES))
    return found[1] + (found[2] or "") if found else typed
