"""One spelling for what people type in several: numbers and names in full width, with spaces inside."""

from __future__ import annotations

import re
import unicodedata

_FIGURES = str.maketrans("一二两三四五六七八九", "1223456789")
_YEARS = re.compile(r"([1-9])(?:\.0+|(\.5)0*)?(?:学?年制?)?").fullmatch


def compacted(value: str) -> str:
    """Half-width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", value).split())


def years_of_study(value: str) -> str:
    """4, 4.0, 4年, 四年制 as 4, and 2.50 as 2.5; what is none of these as it came."""
    found = _YEARS(compacted(value).translate(_FIGURES))
    return found[1] + (found[2] or "") if found else value
