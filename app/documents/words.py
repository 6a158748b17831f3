"""The fixed words of the papers, read from data/words.toml; the papers' own texts are the templates of this room."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_WORDS: Mapping[str, Any] = tomllib.loads((Path(__file__).parent / "data" / "words.toml").read_text(encoding="utf-8"))

PLATFORM: Final[str] = _WORDS["platform"]
PAGE_OF_PAGES: Final[str] = _WORDS["page_of_pages"]
GUIDE: Final[Mapping[str, str]] = _WORDS["guide"]
TITLES: Final[Mapping[str, str]] = _WORDS["titles"]
VERSIONS: Final[Mapping[str, str]] = _WORDS["versions"]
AGREEMENT_NUMBER: Final[str] = _WORDS["agreement_number"]
TYPES: Final[Mapping[str, str]] = _WORDS["types"]
NUMBER: Final[str] = _WORDS["number"]
CHECK_NUMBER: Final[str] = _WORDS["check_number"]
END: Final[str] = _WORDS["end"]  # below the last word: nothing is to be added
FILES: Final[Mapping[str, str]] = _WORDS["files"]  # how files are called
ENDED: Final[Mapping[str, Any]] = _WORDS["ended"]  # by stage
FRAME: Final[Mapping[str, str]] = _WORDS["frame"]
SEAL_NAME: Final[str] = _WORDS["seal"]["name"]
SEAL_WORDS: Final[list[str]] = _WORDS["seal"]["lines"]  # in the middle of the ring
SAMPLE: Final[Mapping[str, str]] = _WORDS["sample"]
