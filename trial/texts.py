"""The compiled catalogues of texts, made where they are missing or older than what they are made from."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(root: Path) -> list[Path]:
    """Write translations/*/LC_MESSAGES/messages.mo where needed; returns what was written.

    The same catalogue always compiles to the same bytes, so doing it once too often changes nothing.
    """
    written = []
    for source in sorted(root.glob("translations/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parents[1].name)
        draft = target.with_suffix(f".mo.{os.getpid()}.tmp")  # others may be at the same at once
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        written.append(target)
    return written
