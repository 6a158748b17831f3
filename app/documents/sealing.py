"""The seal: every agreement that the program completes is signed by certificate, so that a changed byte shows (R9.4)."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


def _aside(work: Callable[[], Any]) -> Any:
    """In a thread of its own: the library starts an event loop, which a caller that runs one already cannot bear."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
