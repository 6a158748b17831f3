"""python -m app.documents.sealing.contract URL --token TOKEN --certificate FILE: asks a sealing service for the contract.

FILE is the certificate of the seal (PEM, before those above it). Invented hashes are signed. The contract:
app/base/sealservice.py.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.base import contract
from app.base.contract import Asked, Broken, Contract
from app.base.sealservice import demand_fit

_HASHED: Final = b"a paper"


def it_signs_by_sha256(asked: Asked) -> None:
    _sign(asked, "sha256")


def it_signs_by_sha512(asked: Asked) -> None:
    _sign(asked, "sha512")


def strangers_are_refused(asked: Asked) -> None:
    answer = asked.http.post("/signatures", json=_body(asked, "sha256"), headers={"Authorization": "Bearer stranger"})
    if answer.status_code not in (401, 403):
        raise Broken(f"a stranger is answered {answer.status_code}")


def other_certificates_are_refused(asked: Asked) -> None:
    answer = asked.http.post("/signatures", json={**_body(asked, "sha256"), "certificate": "0" * 64})
    if not 400 <= answer.status_code < 500:
        raise Broken(f"an unknown certificate is answered {answer.status_code}")


def _sign(asked: Asked, digest: str) -> None:
    told = asked.call("POST", "/signatures", json=_body(asked, digest))
    signature = base64.b64decode(told["signature"], validate=True)
    demand_fit(_certificate(asked), signature, hashlib.new(digest, _HASHED).digest(), digest)


def _body(asked: Asked, digest: str) -> dict[str, Any]:
    fingerprint = _certificate(asked).fingerprint(hashes.SHA256()).hex()
    hashed = hashlib.new(digest, _HASHED).hexdigest()
    return {"certificate": fingerprint, "digest_algorithm": digest, "digest": hashed}


def _certificate(asked: Asked) -> x509.Certificate:
    return x509.load_pem_x509_certificates(asked.told.certificate.read_bytes())[0]


CONTRACT: Final = Contract(
    "python -m app.documents.sealing.contract",
    str(__doc__),
    Path(__file__).parents[1] / "data" / "seal_contract.toml",
    (it_signs_by_sha256, it_signs_by_sha512, strangers_are_refused, other_certificates_are_refused),
    options={"--certificate": {"required": True, "type": Path}},
)

if __name__ == "__main__":
    sys.exit(contract.main(CONTRACT))
