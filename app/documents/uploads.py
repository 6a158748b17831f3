"""Uploads: looked into, rebuilt where that is possible, and only then kept; of what is refused nothing stays (R9.3)."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Any, Final

import puremagic
from flask_babel import lazy_gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import Actor
from app.base.database import session, transaction
from app.base.errors import Invalid, TooLarge, UnsupportedMedia
from app.documents.models import StoredFile
from app.documents.papers import harmless_pdf
from app.documents.storage import storage

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
MOST_BYTES: Final = 10 * 1024 * 1024  # a phone's photograph has 3 to 8 MB
MOST_PIXELS: Final = 50_000_000  # unpacked, a picture takes four bytes a pixel: this is 200 MB of memory
_LONGEST_SIDE: Final = 4000  # pixels; enough to read a stamp on A4
_LONGEST_NAME: Final = 100
_ENDINGS = {".jpg": JPEG, ".jpeg": JPEG, ".png": PNG, ".pdf": PDF}
_ENDING_OF = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf"}
_PICTURES = {JPEG: "JPEG", PNG: "PNG"}
_ODD_SIGNS = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')
_SCOPE = ("province_id", "school_id", "department_id", "level", "graduate_id", "employer_id", "applicant_id")


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


def examine(content: bytes, *, name: str, allow_pdf: bool = False) -> Checked:
    """Look into a file: the kind by its content, pictures drawn anew without metadata, papers without active parts.

    Raises TooLarge, UnsupportedMedia (not one of the allowed kinds, or another kind than its name says), Invalid at
    `file` (damaged, too many pixels or pages, protected, with scripts).
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(
            _("The file is larger than %(most)s MB. Please make it smaller.", most=MOST_BYTES // 1024 // 1024)
        )
    mime = _kind_of(content)
    if mime not in _allowed(allow_pdf) or not _fits(name, mime):
        raise UnsupportedMedia(_wanted(allow_pdf), "unsupported_file")
    if mime == PDF:
        return Checked(harmless_pdf(content), PDF, clean_name(name, PDF))
    redrawn, mime = _redrawn(content, mime)
    return Checked(redrawn, mime, clean_name(name, mime))


def clean_name(name: str, mime: str) -> str:
    """The last part of the name without signs that a system, a header or a reader could misread; never empty."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    stem = _ODD_SIGNS.sub("", visible)
    if "." in stem and stem[stem.rindex(".") :].lower() in _ENDINGS:
        stem = stem[: stem.rindex(".")]
    return (stem.strip(" .")[:_LONGEST_NAME].strip(" .") or "file") + _ENDING_OF[mime]


def _kind_of(content: bytes) -> str:
    """What the content says it is: the magic numbers at its start; "" when it says nothing."""
    if content.startswith(b"%PDF-"):
        return PDF
    try:
        found = puremagic.from_string(content[:4096], mime=True)
    except (puremagic.PureError, ValueError):
        return ""
    starts = {JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
    return found if found in starts and content.startswith(starts[found]) else ""


def _allowed(allow_pdf: bool) -> tuple[str, ...]:
    return (JPEG, PNG, PDF) if allow_pdf else (JPEG, PNG)


def _fits(name: str, mime: str) -> bool:
    """Whether the name's ending says the same; phones call a JPEG .png and the other way round."""
    dot = name.rfind(".")
    claimed = _ENDINGS.get(name[dot:].strip().lower()) if dot >= 0 else None
    return claimed is not None and (claimed == PDF) == (mime == PDF)


def _wanted(allow_pdf: bool) -> Any:
    if allow_pdf:
        return _(
            "Only pictures (jpg, jpeg, png) and PDF files are accepted, and the content must be what the name says."
        )
    return _("Only pictures (jpg, jpeg, png) are accepted, and the content must be what the name says.")


def _redrawn(content: bytes, mime: str) -> tuple[bytes, str]:
    """The picture drawn anew: upright, at most 4,000 pixels a side, nothing in the file but the picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[_PICTURES[mime]])
        _refuse_vast(picture)
        picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        return _written(upright, mime), mime
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _vast() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, MemoryError):
        raise Invalid(
            {"file": [_("This picture is damaged. Please take or save it again and upload the new one.")]}
        ) from None


def _written(picture: Image.Image, mime: str) -> bytes:
    file = io.BytesIO()
    if mime == JPEG:
        _bare(picture.convert("RGB")).save(file, "JPEG", quality=88, optimize=True)
    else:
        mode = "RGBA" if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info else "RGB"
        _bare(picture.convert(mode)).save(file, "PNG")
    return file.getvalue()


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
    return scope
