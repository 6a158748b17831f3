"""The pictures of the operation guides: all there, none too many, small; the version is that of the program (R1.11)."""

from __future__ import annotations

import io
import re
import tomllib

import pypdf

from app.documents.guides import FOLDER, GUIDES, guide_pdf
from config import ROOT, VERSION

MOST_BYTES = 1_500_000
_NAMED = re.compile(r"^!\[.+\]\((pictures/.+)\)$", re.MULTILINE)


def test_every_picture_is_named_once_and_all_are_small() -> None:
    named = [path for name in GUIDES for path in _NAMED.findall((FOLDER / f"{name}.md").read_text(encoding="utf-8"))]
    kept = {f"pictures/{path.name}": path.stat().st_size for path in (FOLDER / "pictures").iterdir()}
    assert sorted(named) == sorted(kept)
    assert sum(kept.values()) <= MOST_BYTES


def test_pictures_stand_in_the_pdf(tmp_path: object) -> None:
    for name in ("graduate", "employer", "school"):
        text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
        pages = pypdf.PdfReader(io.BytesIO(guide_pdf(name, tmp_path))).pages  # type: ignore[arg-type]
        assert sum(len(page.images) for page in pages) == len(_NAMED.findall(text))


def test_version_is_written_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
