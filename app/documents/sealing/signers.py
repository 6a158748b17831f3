"""How the library that writes signatures reaches our key and who stamps the time: both kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from asn1crypto import tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.base.outward import Outward
from app.base.sealkeys import SealKey, certificates_in

_SECONDS: Final = 8.0
_LONGEST: Final = 64 * 1024  # a stamp with its certificates has some 6 KB


class HouseSigner(Signer):
    """Signs with the key of the seal."""

    def __init__(self, key: SealKey) -> None:
        certificate, *above = known([key.certificate, *key.chain])
        super().__init__(
            signing_cert=certificate, cert_registry=SimpleCertificateStore.from_certs(above), embed_roots=True
        )
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Called by the library; dry when it wants to know the length."""
        return bytes(self._key.longest) if dry_run else self._key.sign(data, digest_algorithm)


class HouseStamper(TimeStamper):
    """Asks for time stamps as everything outside is asked: within a limit of time, and not while there is no answer."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._authority = Outward(url, seconds=_SECONDS, longest=_LONGEST)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Called by the library. Raises OutwardError."""
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        content = self._authority.call("POST", "", lambda told: told.content, content=req.dump(), headers=headers)
        return tsp.TimeStampResp.load(content)


def trusted(key: SealKey, authority: Path) -> ValidationContext:
    """What the proof is gathered against that goes into the file: our root and the authority's certificates.

    Lists of revoked certificates are fetched where a certificate names them: whoever checks in years cannot any more.
    """
    own = [key.certificate, *key.chain]
    roots = [*known(own[-1:]), *known(certificates_in(authority))]
    return ValidationContext(
        trust_roots=roots, other_certs=known(own), allow_fetching=True, revocation_mode="soft-fail"
    )


def known(certificates: Sequence[Certificate]) -> list[x509.Certificate]:
    """Certificates as the library has them."""
    return [x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in certificates]
