"""Uploads: honest pictures and papers are kept without what they carried, everything else is refused in words (R9.3)."""

from __future__ import annotations

import hashlib
import io
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from app.base.database import session
from app.base.errors import AppError, Invalid, TooLarge, UnsupportedMedia
from app.documents.models import StoredFile
from app.documents.papers import MOST_PAGES
from app.documents.uploads import MOST_BYTES, MOST_PIXELS, clean_name, examine, keep_upload, legible_size
from tests.documents.pictures import paper, paper_with_action, picture, vast_png
from tests.notices.browser import logged_in
from tests.signing.stage import Stage, user

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BROUGHT = Path(__file__).parent / "brought"
HEIC = (BROUGHT / "iphone.heic").read_bytes()
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
    "what Windows saves.jfif": picture("JPEG"),
    "what WeChat saves.jpg": picture("WEBP"),
    "a.webp": picture("WEBP"),
    "iPhone.HEIC": HEIC,
    "HEIC named.jpg": HEIC,
    "PDF named.png": paper(),
    "PNG named.pdf": picture("PNG"),
    "two endings.png.exe": picture("PNG"),
}
SAYS = {
    b"": "空的",
    b"GIF89a" + bytes(9): "GIF",
    b"BM" + bytes(60): "BMP",
    b"II*\x00" + bytes(60): "TIFF",
    b"PK\x03\x04" + bytes(60): "PDF",
    b"\xd0\xcf\x11\xe0" + bytes(60): "PDF",
    b"\x00\x00\x00\x18ftypqt  " + bytes(60): "视频",
    b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1" + bytes(60): "AVIF",
    b"Rar!" + bytes(60): "压缩包",
    b" <!DOCTYPE html>": "网页",
    b"only words": "HEIC",
    b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(60): "兼容性最佳",
}
TRICKS: dict[str, tuple[str, bytes, type[AppError]]] = {
    "10 MB and more": ("a.jpg", picture() + bytes(MOST_BYTES), TooLarge),
    "vast PNG": ("a.png", vast_png(), Invalid),
    "fairly vast PNG": ("a.png", vast_png(9000), Invalid),
    "SVG": ("a.svg", SVG, UnsupportedMedia),
    "SVG named .png": ("a.png", SVG, UnsupportedMedia),
    "HTML named .jpg": ("a.jpg", HTML, UnsupportedMedia),
    "GIF": ("a.gif", picture("GIF"), UnsupportedMedia),
    "GIF named .jpg": ("a.jpg", picture("GIF"), UnsupportedMedia),
    "TIFF named .jpg": ("a.jpg", picture("TIFF"), UnsupportedMedia),
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


@pytest.mark.parametrize("content", SAYS, ids=lambda content: SAYS[content])
def test_what_cannot_be_taken_is_named_with_a_way_out(app_context: Flask, content: bytes) -> None:
    with pytest.raises((UnsupportedMedia, Invalid)) as refusal:
        examine(content, name="a.jpg", allow_pdf=True)
    texts = refusal.value.errors["file"] if isinstance(refusal.value, Invalid) else [refusal.value.message]
    assert SAYS[content] in str(texts[0])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "HEIF", "PDF", "GIF", "other"]), st.text(max_size=30))
def test_the_name_of_a_file_decides_nothing(app_context: Flask, kind: str, name: str) -> None:
    contents = {"HEIF": HEIC, "PDF": paper(), "other": b"words"}
    content = contents.get(kind) or picture(kind)
    try:
        checked = examine(content, name=name, allow_pdf=True)
    except UnsupportedMedia:
        assert kind in ("GIF", "other")
        return
    assert checked.mime == {"PDF": "application/pdf", "PNG": "image/png"}.get(kind, "image/jpeg")
    assert checked.name.rpartition(".")[2] == checked.mime.rpartition("/")[2].replace("jpeg", "jpg")


@given(st.integers(1, 60_000), st.integers(1, 60_000))
def test_no_letter_of_a_tall_picture_becomes_too_small_to_read(width: int, height: int) -> None:
    assume(width * height <= MOST_PIXELS)
    kept = legible_size(width, height)
    assert max(kept) <= 65_000
    assert kept[0] * kept[1] <= 18_100_000 or max(kept) <= 4000
    if max(width, height) > 2 * min(width, height):
        assert 40 * min(kept[0] / width, kept[1] / height) >= 23 or min(kept) < 3


def test_a_screenshot_of_a_long_page_stays_legible(app_context: Flask) -> None:
    content = (BROUGHT / "17_long_screenshot_1170x20000.jpg").read_bytes()
    kept = Image.open(io.BytesIO(examine(content, name="a.jpg").content))
    assert kept.width >= 1170 * 24 / 40
    assert round(kept.height / kept.width, 1) == round(20000 / 1170, 1)


def test_a_photo_saved_by_windows_is_a_jpeg(app_context: Flask) -> None:
    checked = examine((BROUGHT / "18_photo_saved_by_windows.jfif").read_bytes(), name="18_photo.jfif")
    assert (checked.name, checked.mime) == ("18_photo.jpg", "image/jpeg")


def test_a_clear_picture_drawn_as_jpeg_stands_on_white(app_context: Flask) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(file, "WEBP")
    assert Image.open(io.BytesIO(examine(file.getvalue(), name="a").content)).getpixel((5, 5)) == (255, 255, 255)


def test_papers_are_refused_where_only_pictures_are_asked_for(app_context: Flask) -> None:
    with pytest.raises(UnsupportedMedia):
        examine(paper(), name="a.pdf")


def test_a_vast_picture_costs_no_memory(app_context: Flask) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid):
        examine(vast_png(), name="a.png")
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
