"""python -m app.documents.sealing.contract URL --token TOKEN --certificate FILE: asks a sealing service for the contract.

For makers of such services and those who take them over. It signs two invented hashes, checks both signatures against
the certificate, and sees that strangers are refused. Ends with 0 when every check holds, with 1 when one does not. The
contract: app/base/sealservice.py.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.base.sealservice import demand_fit

_SECONDS: Final = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m app.documents.sealing.contract")
    parser.add_argument("url")
    parser.add_argument("--token", required=True)
    parser.add_argument("--certificate", required=True, type=Path, help="PEM; the seal's comes first")
    given = parser.parse_args(arguments)
    certificate = x509.load_pem_x509_certificates(given.certificate.read_bytes())[0]
    found = [
        *(_signs(given.url, given.token, certificate, digest) for digest in ("sha256", "sha512")),
        _refuses(given.url, certificate),
    ]
    for what, fault in found:
        sys.stdout.write(f"{'ok  ' if fault is None else 'FAIL'} {what}{': ' + fault if fault else ''}\n")
    return 1 if any(fault for _what, fault in found) else 0


def _ask(url: str, token: str, certificate: x509.Certificate, digest: str, hashed: bytes) -> httpx.Response:
    asked = {"certificate": certificate.fingerprint(hashes.SHA256()).hex(), "digest_algorithm": digest}
    headers = {"Authorization": f"Bearer {token}"}
    place = f"{url.rstrip('/')}/signatures"
    return httpx.post(place, json={**asked, "digest": hashed.hex()}, headers=headers, timeout=_SECONDS)


def _signs(url: str, token: str, certificate: x509.Certificate, digest: str) -> tuple[str, str | None]:
    what, hashed = f"signs a hash by {digest}", hashlib.new(digest, b"a paper").digest()
    try:
        answer = _ask(url, token, certificate, digest, hashed)
        if answer.status_code != 200:
            return what, f"answered {answer.status_code}"
        demand_fit(certificate, base64.b64decode(answer.json()["signature"], validate=True), hashed, digest)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return what, str(error) or type(error).__name__
    return what, None


def _refuses(url: str, certificate: x509.Certificate) -> tuple[str, str | None]:
    what = "refuses who does not know the password (401 or 403)"
    try:
        status = _ask(url, "a stranger", certificate, "sha256", hashlib.sha256(b"a paper").digest()).status_code
    except httpx.HTTPError as error:
        return what, str(error) or type(error).__name__
    return what, None if status in (401, 403) else f"answered {status}"


if __name__ == "__main__":
    sys.exit(main())
