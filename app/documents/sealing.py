"""The seal: every agreement that the program completes is signed by certificate, so that a changed byte shows (R9.4)."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.base.settings import once, settings
from app.documents.words import PLATFORM
from config import Settings

FIELD: Final = "Seal"
# What a signature covers: all of the file but its own value, which stands between the two ranges as <hexadecimal>.
_RANGES: Final = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]")
_VALUE: Final = re.compile(rb"<([0-9A-Fa-f]+)>")


def seal(pdf: bytes) -> bytes:
    """The same paper with the seal as an addition that covers every byte before it; unchanged without a certificate.

    For the document worker. Raises OSError or ValueError when certificate or key cannot be read.
    """
    pair = settings().seal
    if pair is None:
        return pdf
    # Only the worker needs these libraries.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    certificate, key = pair
    signer = signers.SimpleSigner.load(str(key), str(certificate))
    if signer is None:
        raise ValueError(f"the seal's certificate {certificate} or its key cannot be read")
    kept = signers.PdfSignatureMetadata(
        field_name=FIELD,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        md_algorithm="sha256",
        reason=PLATFORM,
    )
    sealed = _aside(lambda: signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), kept, signer=signer))
    return bytes(sealed.getbuffer())


@dataclass(frozen=True)
class Signature:
    """A signature by the seal's key, and the certificate (PEM) against which anybody can check it."""

    algorithm: str
    value: bytes
    certificate: str


def sign(content: bytes) -> Signature | None:
    """The platform's signature of what is no PDF; None without a certificate.

    Raises OSError or ValueError when certificate or key cannot be read.
    """
    pair = settings().seal
    if pair is None:
        return None
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    certificate, file = pair
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if isinstance(key, rsa.RSAPrivateKey):
        value, name = key.sign(content, padding.PKCS1v15(), hashes.SHA256()), "RSASSA-PKCS1-v1_5-SHA256"
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        value, name = key.sign(content, ec.ECDSA(hashes.SHA256())), f"ECDSA-{key.curve.name}-SHA256"
    else:
        raise ValueError("the seal's key is neither RSA nor ECDSA")
    return Signature(name, value, certificate.read_text())


@dataclass(frozen=True)
class SealFound:
    """A seal of this platform on a file: by which certificate, when, and whether nothing was added to the file since."""

    certificate: str  # whom it names, and its serial number
    sealed_at: datetime | None
    whole: bool
    sealed_bytes: int  # as many from the start are as they were sealed


def seal_found(pdf: bytes) -> SealFound | None:
    """The newest seal of ours on a file that anybody may have sent; None where there is none or a byte was changed.

    The file is not parsed: what the seal covers is taken from its bytes, so that a hostile file does no harm. Sealed
    by ours is what bears the certificate of today or one of `SEAL_FORMER`.
    """
    ours = _certificates()
    if not ours:
        return None
    places = reversed([match.groups() for match in _RANGES.finditer(pdf)][-_MOST_SEALS:])
    return next(filter(None, (_seal_at(pdf, ours, *map(int, place)) for place in places)), None)


_MOST_SEALS: Final = 5  # each costs a check; ours have one


@once
def _certificates(settings: Settings) -> dict[bytes, Any]:
    """The certificates of the seal, of today and before, by their encoding."""
    from pyhanko.keys import load_certs_from_pemder_data

    pair, former = settings.seal, settings.seal_former
    files: Iterator[Any] = filter(None, (pair[0] if pair else None, former))
    return {one.dump(): one for file in files for one in load_certs_from_pemder_data(file.read_bytes())}


def _seal_at(pdf: bytes, ours: dict[bytes, Any], first: int, second: int, length: int) -> SealFound | None:
    value = _VALUE.fullmatch(pdf[first:second])
    end = second + length
    if value is None or end > len(pdf):
        return None
    from asn1crypto import cms
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        signed = cms.ContentInfo.load(bytes.fromhex(value[1].decode()))["content"]
        signer = signed["signer_infos"][0]
        certificate = next(one.chosen for one in signed["certificates"] if one.chosen.dump() in ours)
        digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, pdf[:first] + pdf[second:end]).digest()
        intact, valid = validate_sig_integrity(signer, certificate, "data", digest)
        times = [one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "signing_time"]
    except Exception:  # whatever a stranger has put there: it is no seal of ours
        return None
    if not (intact and valid):
        return None
    named = f"{certificate.subject.human_friendly} · {certificate.serial_number:x}"
    return SealFound(named, next(iter(times), None), end == len(pdf), end)


def _aside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the library starts an event loop, which a caller that runs one already cannot bear."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
