"""Compiling the catalogues of texts."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from trial.texts import compile_catalogues

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Sign"
msgstr "签约"
"""


def test_catalogue_is_compiled_when_missing_or_old_and_else_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(PO, encoding="utf-8")
    assert compile_catalogues(tmp_path) == [folder / "messages.mo"]
    assert compile_catalogues(tmp_path) == []
    os.utime(folder / "messages.mo", (0, 0))
    assert compile_catalogues(tmp_path) == [folder / "messages.mo"]
    with (folder / "messages.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Sign") == "签约"
    assert [path.name for path in sorted(folder.iterdir())] == ["messages.mo", "messages.po"]
