"""Uploads: looked into, rebuilt where that is possible, and only then kept; of what is refused nothing stays (R9.3)."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Any, Final

import pi_heif
from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import DEPARTMENT, STAFF, Actor
from app.base.database import session, transaction
from app.base.errors import Invalid, TooLarge, UnsupportedMedia
from app.documents.contents import PICTURES, damaged, kind_of, why_not
from app.documents.models import StoredFile
from app.documents.papers import harmless_pdf
from app.documents.storage import storage

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
MOST_BYTES: Final = 10 * 1024 * 1024  # a phone's photograph has 3 to 8 MB
MOST_PIXELS: Final = 50_000_000  # unpacked, a picture takes four bytes a pixel: this is 200 MB of memory
_LONGEST_SIDE: Final = 4000  # pixels; enough to read a stamp on A4
# A screenshot of a long page is bound by its area instead: of what may be sent, no letter shrinks below 0.6.
_TALL: Final = 2
_MOST_AREA: Final = 18_000_000
_LONGEST_JPEG: Final = 65_000
_LONGEST_NAME: Final = 100
_ENDINGS = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".heic", ".heif", ".pdf")
_ENDING_OF = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf"}
_ODD_SIGNS = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_SCOPE = ("province_id", "school_id", "department_id", "level", "graduate_id", "employer_id", "applicant_id")
pi_heif.register_heif_opener(thumbnails=False)  # pictures of iPhones


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its bytes as they will be served, its kind by content, a harmless name."""

    content: bytes
    mime: str
    name: str


def keep_upload(
    owner: Any, kind: str, content: bytes, *, name: str, actor: Actor, allow_pdf: bool = False
) -> StoredFile:
    """Keep an uploaded file with a case, in the case's scope; the same file twice is one file.

    Called by the services of the workflows, which have checked that this actor may add a file of this kind now.
    `owner` is the case. Raises TooLarge, UnsupportedMedia, Invalid at `file`; then nothing is kept.
    """
    checked = examine(content, name=name, allow_pdf=allow_pdf)
    with transaction():
        key = bytes.fromhex(storage().put(checked.content))
        session.execute(
            insert(StoredFile)
            .values(
                workflow=owner.workflow_name,
                case_id=owner.id,
                kind=kind,
                name=checked.name,
                mime=checked.mime,
                size=len(checked.content),
                sha256=key,
                created_by=actor.username or actor.name,
                **_scope_of(owner),
            )
            .on_conflict_do_nothing()
        )
        query = select(StoredFile).where(
            StoredFile.workflow == owner.workflow_name,
            StoredFile.case_id == owner.id,
            StoredFile.kind == kind,
            StoredFile.sha256 == key,
        )
        return session.scalars(query).one()


def hand_over(file: StoredFile, owner: Any) -> None:
    """Give a kept file to another case, in its scope; where that has the same file already it is let go."""
    query = select(StoredFile.id).where(
        StoredFile.workflow == owner.workflow_name,
        StoredFile.case_id == owner.id,
        StoredFile.kind == file.kind,
        StoredFile.sha256 == file.sha256,
    )
    if session.scalar(query) is not None:
        session.delete(file)
        return
    for column, value in {"workflow": owner.workflow_name, "case_id": owner.id, **_scope_of(owner)}.items():
        setattr(file, column, value)


def examine(content: bytes, *, name: str, allow_pdf: bool = False) -> Checked:
    """Look into a file: the kind by its content alone, pictures drawn anew without metadata, papers without active parts.

    Raises TooLarge, UnsupportedMedia (not one of the allowed kinds: the words say which it is and what helps), Invalid
    at `file` (damaged, too many pixels or pages, protected, with scripts).
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(
            _("The file is larger than %(most)s MB. Please make it smaller.", most=MOST_BYTES // 1024 // 1024)
        )
    kind = kind_of(content)
    if kind == "PDF" and allow_pdf:
        return Checked(harmless_pdf(content), PDF, clean_name(name, PDF))
    if kind not in PICTURES:
        raise UnsupportedMedia(why_not(kind, allow_pdf), "unsupported_file")
    redrawn, mime = _redrawn(content, kind)
    return Checked(redrawn, mime, clean_name(name, mime))


def clean_name(name: str, mime: str) -> str:
    """The last part of the name without signs that a system, a header or a reader could misread; never empty."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    stem = _ODD_SIGNS.sub("", visible)
    if stem.lower().endswith(_ENDINGS):
        stem = stem[: stem.rindex(".")]
    return (stem.strip(" .")[:_LONGEST_NAME].strip(" .") or "file") + _ENDING_OF[mime]


def _redrawn(content: bytes, kind: str) -> tuple[bytes, str]:
    """The picture drawn anew: upright, small enough and legible, nothing in the file but the picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[kind])
        _refuse_vast(picture)
        size = legible_size(*picture.size)
        picture.draft("RGB", size)
        picture.load()
        picture.thumbnail(size)
        return _written(ImageOps.exif_transpose(picture), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _vast() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, MemoryError):
        raise Invalid({"file": [damaged(kind)]}) from None


def legible_size(width: int, height: int) -> tuple[int, int]:
    """How large a picture of this size is kept: by its longest side, what is tall or wide by its area."""
    longest = max(width, height)
    share = _LONGEST_SIDE / longest
    if longest > _TALL * min(width, height):
        share = max(share, min((_MOST_AREA / (width * height)) ** 0.5, _LONGEST_JPEG / longest))
    share = min(1.0, share)
    return max(1, round(width * share)), max(1, round(height * share))


def _written(picture: Image.Image, kind: str) -> tuple[bytes, str]:
    file = io.BytesIO()
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if kind == "PNG":
        _bare(picture.convert("RGBA" if clear else "RGB")).save(file, "PNG")
        if file.tell() <= MOST_BYTES:
            return file.getvalue(), PNG
        file = io.BytesIO()
    if clear:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    _bare(picture.convert("RGB")).save(file, "JPEG", quality=88, optimize=True)
    return file.getvalue(), JPEG


def _bare(picture: Image.Image) -> Image.Image:
    """A copy that has nothing but pixels."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _refuse_vast(picture: Image.Image) -> None:
    # Only the head has been read so far: a small file can claim any number of pixels.
    if picture.width * picture.height > MOST_PIXELS:
        raise _vast()


def _vast() -> Invalid:
    text = _("The picture has more than %(most)s million pixels. Please make it smaller.", most=MOST_PIXELS // 10**6)
    return Invalid({"file": [text]})


def _scope_of(owner: Any) -> dict[str, Any]:
    scope = {column: getattr(owner, column, None) for column in _SCOPE}
    if not getattr(owner, "employer_may_see", False) or getattr(owner, "employer_scope_column", "") is None:
        scope["employer_id"] = None  # offline cases lie in no unit's scope, those of one user in that user's alone
    if DEPARTMENT not in getattr(owner, "readers", STAFF):
        scope["department_id"] = None
    return scope
