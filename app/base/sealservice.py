"""A sealing service: it keeps the key of the seal, is sent a hash, and answers with the signature.

    POST {SEAL_SERVICE_URL}/signatures     Authorization: Bearer {SEAL_SERVICE_TOKEN}
    {"certificate": SHA-256 of the certificate, hex, "digest_algorithm": "sha256", "digest": hex}
    200 {"signature": base64}              RSASSA-PKCS1-v1_5, or ECDSA as DER, of that very digest

Where SEAL_SERVICE_SUBFILTER is set, it makes the whole signature instead, as services of SM2 do (国密):

    POST {SEAL_SERVICE_URL}/containers
    {"certificate": SHA-256 of the certificate, hex, "digest_algorithm": "sm3", "digest": hex, "subfilter": as set}
    200 {"container": base64}              SignedData of CMS or SES_Signature of GB/T 38540 over that digest, by SM2

What it cannot do now it answers with 5xx: papers wait, and it is asked again. Each signature is checked against the
certificate before anything is made of it. `python -m app.documents.sealing.contract` asks a service whether it keeps this.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from app.base.outward import Answer, Outward

_SECONDS: Final = 10.0
_LONGEST, _LONGEST_CONTAINER = 16 * 1024, 512 * 1024  # a container may hold the picture of a seal
HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class SealService:
    """The service, and the certificate that its signatures must fit."""

    def __init__(self, url: str, token: str, certificate: x509.Certificate, subfilter: str = "") -> None:
        self._outward = Outward(
            url,
            seconds=_SECONDS,
            longest=_LONGEST_CONTAINER if subfilter else _LONGEST,
            headers={"Authorization": f"Bearer {token}"},
            partner="SEAL_SERVICE",
        )
        self.certificate, self.subfilter = certificate, subfilter

    def sign(self, content: bytes, digest: str) -> bytes:
        """The signature of `content` by its digest; raises OutwardError, also of a signature that does not fit."""
        hashed = hashlib.new(digest, content).digest()

        def read(answer: Answer) -> bytes:
            if answer.status != 200:
                raise ValueError(f"answered {answer.status}")
            signature = base64.b64decode(answer.json()["signature"], validate=True)
            demand_fit(self.certificate, signature, hashed, digest)
            return signature

        return self._outward.call("POST", "/signatures", read, json=self._asked(hashed, digest))

    def container(self, hashed: bytes, digest: str, demand_ours: Callable[[bytes], None]) -> bytes:
        """The whole signature of a hash; raises OutwardError, also where `demand_ours` raises ValueError about it."""

        def read(answer: Answer) -> bytes:
            if answer.status != 200:
                raise ValueError(f"answered {answer.status}")
            container = base64.b64decode(answer.json()["container"], validate=True)
            demand_ours(container)
            return container

        asked = {**self._asked(hashed, digest), "subfilter": self.subfilter}
        return self._outward.call("POST", "/containers", read, json=asked)

    def _asked(self, hashed: bytes, digest: str) -> dict[str, str]:
        fingerprint = self.certificate.fingerprint(hashes.SHA256()).hex()
        return {"certificate": fingerprint, "digest_algorithm": digest, "digest": hashed.hex()}


def demand_fit(certificate: x509.Certificate, signature: bytes, hashed: bytes, digest: str) -> None:
    """Raise ValueError unless the signature is that of the certificate's key over this hash."""
    key, algorithm = certificate.public_key(), Prehashed(HASHES[digest])
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, hashed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, hashed, ec.ECDSA(algorithm))
        else:
            raise ValueError("a key of a kind that seals nothing")
    except InvalidSignature:
        raise ValueError("the signature does not fit the certificate") from None
