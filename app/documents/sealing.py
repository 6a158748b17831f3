"""The seal: every agreement that the program completes is signed by certificate, so that a changed byte shows (R9.4)."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from app.base.settings import settings
from app.documents.words import PLATFORM

FIELD = "Seal"


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


def _aside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the library starts an event loop, which a caller that runs one already cannot bear."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
