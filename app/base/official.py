"""Official words in the reader's language: names and texts that are data and Chinese by law, translated for reading alone.

translations/<language>/official.csv holds them: code tables, destination types, what the agreement says. Papers, sheets
and other systems get the official words, whoever reads the page.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import Any

from app.base.settings import settings
from app.base.wording import present
from config import ROOT


def is_first_language() -> bool:
    """Whether the present reader reads the platform's own language, in which official words need no help."""
    return present() == settings().languages[0]


def official(text: Any) -> Any:
    """What an official word means in the language of the page; itself where nobody has translated it, or need not."""
    return text if not text or is_first_language() else words(present()).get(str(text), text)


@cache
def words(language: str) -> dict[str, str]:
    """The official words that are translated into this language."""
    path = ROOT / "translations" / language / "official.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["official"]: row["meaning"] for row in csv.DictReader(lines)}
