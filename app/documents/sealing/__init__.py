"""The seal: every paper that the program completes is signed by certificate, so that a changed byte shows (R9.4)."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from flask_babel import lazy_gettext as _

from app.base.dates import day_text
from app.base.errors import AppError
from app.base.outward import OutwardError
from app.base.sealkeys import SealKey, seal_key
from app.base.sealservice import SealService
from app.base.settings import once, settings
from app.base.sm2 import sm3
from app.documents.sealing.appearance import SIZE, drawn
from app.documents.words import PLATFORM, SEAL_NAME
from config import Settings

FIELD: Final = "Seal"
_STAMP: Final = 9_000  # bytes of a time stamp with its certificates
_SIGNED: Final = (
    2_000  # bytes of a signature beside its certificates; to try it out first would cost as much as to sign
)


_NO_ANSWER = _("Who signs or stamps the time of the seal does not answer, so papers wait. It is asked again later.")


class SealUnavailable(AppError):
    """Papers wait, since nothing can be sealed at this moment: the operators have to act (503)."""

    status, code = 503, "seal_unavailable"


@dataclass(frozen=True)
class Place:
    """Where the seal is seen: a page, counted from 0, and the upper right corner of its square, in points."""

    page: int
    right: float
    top: float


def seal(pdf: bytes, place: Place | None = None) -> bytes:
    """The same paper with the seal as an addition that covers every byte before it; unchanged without a certificate.

    For the document worker. At a `place` the seal is seen, and read aloud by its name. Raises SealUnavailable when the
    certificate has ended or has not begun.
    """
    found = seal_key()
    if found is None:
        return pdf
    _demand_good(found)
    # Only the worker needs these libraries.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.timestamps import TimestampRequestError

    from app.documents.sealing.tags import add_field

    def with_field() -> IncrementalPdfFileWriter:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        if place:
            box = (place.right - SIZE, place.top - SIZE, place.right, place.top)
            add_field(writer, FIELD, SEAL_NAME, place.page, box)
        return writer

    if found.service:
        return _with_container(found.service, with_field)
    writer, stamper = with_field(), _stamper()
    kept = _metadata(found, stamps=stamper is not None)
    made = signers.PdfSigner(kept, signer=_signer(), stamp_style=_look(), timestamper=stamper)
    room = 2 * (_SIGNED + found.size + (_STAMP if stamper else 0))
    try:
        sealed = aside(lambda: made.sign_pdf(writer, bytes_reserved=room))
    except (OutwardError, TimestampRequestError) as error:
        raise SealUnavailable(_NO_ANSWER) from error
    return bytes(sealed.getbuffer())


def _with_container(service: SealService, writer: Callable[[], Any]) -> bytes:
    from app.documents.sealing.containers import put_into

    try:
        return put_into(writer, FIELD, service.subfilter, partial(_container, service), look=_look(), reason=PLATFORM)
    except OutwardError as error:
        raise SealUnavailable(_NO_ANSWER) from error


def _container(service: SealService, hashed: bytes) -> bytes:
    """What the service makes of a hash (SM3), checked. Raises OutwardError."""
    from app.documents.sealing.containers import demand_ours

    certificate = service.certificate.public_bytes(Encoding.DER)
    return service.container(hashed, "sm3", lambda container: demand_ours(container, hashed, certificate))


def _metadata(found: SealKey, *, stamps: bool) -> Any:
    """What kind of signature: certified, nothing may change; with stamps it carries its proof for years (PAdES B-LTA)."""
    from pyhanko.sign import fields, signers

    from app.documents.sealing.signers import trusted

    authority = settings().seal_tsa
    proof: dict[str, Any] = {}
    if stamps and authority:
        context = trusted(found, authority[1])
        proof = {"subfilter": fields.SigSeedSubFilter.PADES, "validation_context": context}
        proof |= {"embed_validation_info": True, "use_pades_lta": True}
    return signers.PdfSignatureMetadata(
        field_name=FIELD,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        md_algorithm="sha256",
        reason=PLATFORM,
        **proof,
    )


@once
def _stamper(settings: Settings) -> Any:
    """Who stamps the time; None where nobody does."""
    if settings.seal_tsa is None:
        return None
    from app.documents.sealing.signers import HouseStamper

    return HouseStamper(settings.seal_tsa[0])


def _demand_good(found: SealKey) -> None:
    if not found.is_good:
        raise SealUnavailable(
            _(
                "The certificate of the seal is good from %(begins)s to %(until)s only, so nothing is sealed now. Papers "
                "wait until the operators have put in a new one.",
                begins=day_text(found.begins.date()),
                until=day_text(found.until.date()),
            )
        )


@once
def _signer(_settings: Settings) -> Any:
    """What seals, kept in memory: reading the key costs as much as sealing."""
    from app.documents.sealing.signers import HouseSigner

    found = seal_key()
    assert found is not None
    return HouseSigner(found)


def _look() -> Any:
    from pyhanko.pdf_utils.content import RawContent
    from pyhanko.pdf_utils.layout import BoxConstraints
    from pyhanko.stamp import StaticStampStyle

    square = BoxConstraints(width=SIZE, height=SIZE)
    return StaticStampStyle(border_width=0, background=RawContent(drawn(), box=square))


def with_look(pdf: bytes, place: Place) -> bytes:
    """A paper that shows the seal and bears no signature: for samples, which nobody may take for a paper."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.layout import BoxConstraints

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stamp = _look().create_stamp(writer, BoxConstraints(width=SIZE, height=SIZE), {})
    stamp.apply(place.page, round(place.right - SIZE), round(place.top - SIZE))
    shown = io.BytesIO()
    writer.write(shown)
    return shown.getvalue()


@dataclass(frozen=True)
class Signature:
    """A signature of its own beside what it signs, and the certificate that it can be checked with."""

    algorithm: str
    value: bytes
    certificate: str  # PEM


def sign(content: bytes) -> Signature | None:
    """The platform's signature of what is no PDF; None without a certificate. Raises SealUnavailable."""
    found = seal_key()
    if found is None:
        return None
    if found.service:
        return _signed_by(found.service, content, found.pem)
    name = "RSASSA-PKCS1-v1_5-SHA256" if found.is_rsa else f"ECDSA-{found.public.curve.name}-SHA256"  # type: ignore[union-attr]
    try:
        return Signature(name, found.sign(content, "sha256"), found.pem)
    except OutwardError as error:
        raise SealUnavailable(_NO_ANSWER) from error


def _signed_by(service: SealService, content: bytes, pem: str) -> Signature:
    try:
        return Signature("SM2-SM3-container", _container(service, sm3(content)), pem)
    except OutwardError as error:
        raise SealUnavailable(_NO_ANSWER) from error


def aside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the library starts an event loop, which a caller that runs one already cannot bear."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
