"""Uploads: honest pictures and papers are kept without what they carried, everything else is refused in words (R9.3)."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from app.base.database import session
from app.base.errors import AppError, Invalid, TooLarge, UnsupportedMedia
from app.documents.models import StoredFile
from app.documents.papers import MOST_PAGES
from app.documents.uploads import MOST_BYTES, clean_name, examine, keep_upload
from tests.documents.pictures import paper, paper_with_action, picture, vast_png
from tests.notices.browser import logged_in
from tests.signing.stage import Stage, user

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<html><script>alert(1)</script></html>"
Api = Callable[..., Any]


@pytest.fixture
def folder(app: Flask, tmp_path: Path, change_settings: Callable[..., None]) -> Path:
    """An empty storage, so that what is kept can be counted."""
    change_settings(var_dir=tmp_path)
    return tmp_path


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "secret place"
    return exif.tobytes()


HONEST = {
    "stamp.jpg": picture("JPEG"),
    "stamp.JPEG": picture("JPEG", exif=_exif()),
    "stamp.png": picture("PNG"),
    "a jpeg that a phone calls.png": picture("JPEG"),
    "scan.pdf": paper(3),
}
TRICKS: dict[str, tuple[str, bytes, type[AppError]]] = {
    "10 MB and more": ("a.jpg", picture() + bytes(MOST_BYTES), TooLarge),
    "vast PNG": ("a.png", vast_png(), Invalid),
    "fairly vast PNG": ("a.png", vast_png(9000), Invalid),
    "PDF named .png": ("a.png", paper(), UnsupportedMedia),
    "PNG named .pdf": ("a.pdf", picture("PNG"), UnsupportedMedia),
    "SVG": ("a.svg", SVG, UnsupportedMedia),
    "SVG named .png": ("a.png", SVG, UnsupportedMedia),
    "HTML named .jpg": ("a.jpg", HTML, UnsupportedMedia),
    "GIF": ("a.gif", picture("GIF"), UnsupportedMedia),
    "GIF named .jpg": ("a.jpg", picture("GIF"), UnsupportedMedia),
    "WebP named .png": ("a.png", picture("WEBP"), UnsupportedMedia),
    "TIFF named .jpg": ("a.jpg", picture("TIFF"), UnsupportedMedia),
    "no ending": ("a", picture(), UnsupportedMedia),
    "two endings": ("a.png.exe", picture("PNG"), UnsupportedMedia),
    "nothing": ("a.png", b"", UnsupportedMedia),
    "only a start": ("a.png", b"\x89PNG\r\n\x1a\n", Invalid),
    "half a JPEG": ("a.jpg", picture(size=(400, 400))[:900], Invalid),
    "PDF behind HTML": ("a.pdf", HTML + paper(), UnsupportedMedia),
    "HTML behind PDF": ("a.pdf", paper() + HTML, Invalid),
    "protected PDF": ("a.pdf", paper(password="x"), Invalid),
    "PDF with script": ("a.pdf", paper(script=True), Invalid),
    "PDF with a file inside": ("a.pdf", paper(attached=True), Invalid),
    "PDF that launches": ("a.pdf", paper_with_action(), Invalid),
    "PDF of too many pages": ("a.pdf", paper(MOST_PAGES + 1), Invalid),
    "PDF without pages": ("a.pdf", b"%PDF-1.7\n%%EOF", Invalid),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_file_passes(app_context: Flask, name: str) -> None:
    checked = examine(HONEST[name], name=name, allow_pdf=True)
    assert checked.content
    assert checked.name.rpartition(".")[2] in ("jpg", "png", "pdf")


@pytest.mark.parametrize("trick", TRICKS)
def test_trick_is_refused_in_words_and_nothing_is_kept(app_context: Flask, folder: Path, trick: str) -> None:
    name, content, kind = TRICKS[trick]
    before = session.scalar(select(func.count(StoredFile.id)))
    case = type("Case", (), {"id": 1, "workflow_name": "online_signing"})()
    with pytest.raises(kind) as refusal:
        keep_upload(case, "other", content, name=name, actor=user("employer1"), allow_pdf=True)
    texts = refusal.value.errors["file"] if isinstance(refusal.value, Invalid) else [refusal.value.message]
    assert all(str(text) for text in texts)
    assert list(folder.rglob("*")) == []
    assert session.scalar(select(func.count(StoredFile.id))) == before


def test_papers_are_refused_where_only_pictures_are_asked_for(app_context: Flask) -> None:
    with pytest.raises(UnsupportedMedia):
        examine(paper(), name="a.pdf")


def test_a_vast_picture_costs_neither_memory_nor_time(app_context: Flask) -> None:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Invalid):
        examine(vast_png(), name="a.png")
    assert time.process_time() - begun < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB


def test_picture_is_upright_and_carries_nothing_but_pixels(app_context: Flask) -> None:
    checked = examine(picture("JPEG", (60, 40), exif=_exif()) + b"<script>", name="a.jpg")
    again = Image.open(io.BytesIO(checked.content))
    assert again.size == (40, 60)
    assert not again.getexif()
    assert b"secret" not in checked.content
    assert b"script" not in checked.content


def test_polyglot_loses_its_other_half(app_context: Flask) -> None:
    for kind, name in (("PNG", "a.png"), ("JPEG", "a.jpg")):
        checked = examine(picture(kind) + b"PK\x03\x04" + HTML, name=name)
        assert b"PK\x03\x04" not in checked.content
        assert b"alert" not in checked.content


def test_large_picture_is_made_smaller(app_context: Flask) -> None:
    checked = examine(picture("JPEG", (6000, 5000)), name="a.jpg")
    assert max(Image.open(io.BytesIO(checked.content)).size) <= 4000


def test_transparent_and_palette_pictures_survive(app_context: Flask) -> None:
    for mode in ("P", "L", "LA", "RGBA", "1", "I;16"):
        file = io.BytesIO()
        Image.new(mode, (20, 20)).save(file, "PNG")
        assert examine(file.getvalue(), name="a.png").mime == "image/png"


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=300))
def test_every_name_becomes_harmless(name: str) -> None:
    clean = clean_name(name, "image/png")
    assert clean.endswith(".png")
    assert 5 <= len(clean) <= 104
    assert not set(clean) & set('/\\:*?"<>|\x00\r\n')
    assert not clean.startswith(".")
    assert os.path.basename(clean) == clean
    assert clean_name(clean, "image/png") == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\营业执照.PNG", "营业执照.png"),
        (".png", "file.png"),
        ("a\u202egnp.exe.png", "agnp.exe.png"),
        ("CON\x00.png", "CON.png"),
        ("授权书.jpeg", "授权书.png"),
    ],
)
def test_names_lose_paths_and_tricks(name: str, clean: str) -> None:
    assert clean_name(name, "image/png") == clean


def test_file_is_served_to_its_scope_alone_with_safe_headers(
    fresh_database: str, app_context: Flask, folder: Path, api: Api
) -> None:
    stage = Stage("employer1", "graduate1", "dept10001a", "school10001")
    case = stage.bring("invited")
    kept = keep_upload(case, "other", picture("PNG"), name="../章.png", actor=stage.employer)
    again = keep_upload(case, "other", picture("PNG"), name="另一个名字.png", actor=stage.employer)
    assert again.id == kept.id
    assert (kept.name, kept.mime, kept.generated) == ("章.png", "image/png", False)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    for reader in ("employer1", "employer1b", "graduate1", "dept10001a", "school10001", "province11", "operator"):
        assert api(reader).get(f"/attachments/{kept.id}").status_code == 200
    for stranger in ("employer2", "graduate2", "dept10001b", "school10002", "province32"):
        assert api(stranger).get(f"/attachments/{kept.id}").status_code == 404
    page = logged_in(app_context, "employer1").get(f"/files/{kept.id}")
    assert hashlib.sha256(page.data).digest() == kept.sha256
    assert page.mimetype == "image/png"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert page.headers["Content-Disposition"].startswith("inline")
    assert logged_in(app_context, "employer2").get(f"/files/{kept.id}").status_code == 404
    scan = keep_upload(case, "other", paper(), name="扫描.pdf", actor=stage.employer, allow_pdf=True)
    answer = logged_in(app_context, "employer1").get(f"/files/{scan.id}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
