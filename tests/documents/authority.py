"""A certification authority for tests: root, one between, certificates for the seal, and who stamps the time over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.base.sealkeys import Key

Pair = tuple[x509.Certificate, Key]
PEM = serialization.Encoding.PEM
DAY = timedelta(days=1)


def issued(
    name: str,
    by: Pair | None = None,
    *,
    key: Key | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    purposes: Sequence[x509.ObjectIdentifier] = (),
    for_signatures: bool = True,
    address: str | None = None,
) -> Pair:
    """A certificate and its key, of a server where there is an address; without `by` it vouches for itself."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    authority = name.startswith("CA")
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - DAY)
        .not_valid_after(ends or now + 700 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority, for_signatures), critical=True)
    )
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(purposes), critical=True)
    if address:
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
    return made.sign(by[1] if by else key, hashes.SHA256()), key


def _usage(authority: bool, for_signatures: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=for_signatures and not authority,
        content_commitment=for_signatures and not authority,
        key_encipherment=not for_signatures,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def chained(name: str = "平台", **more: object) -> tuple[list[x509.Certificate], Key]:
    """A leaf, the one between and the root, and the leaf's key."""
    root = issued("CA root")
    between = issued("CA between", root)
    leaf = issued(name, between, **more)  # type: ignore[arg-type]
    return [leaf[0], between[0], root[0]], leaf[1]


def kept(folder: Path, certificates: Sequence[x509.Certificate], key: Key, password: bytes = b"") -> tuple[Path, Path]:
    """Both as PEM files, the key encrypted where there is a password."""
    hidden: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    )
    (folder / "certificate.pem").write_bytes(b"".join(one.public_bytes(PEM) for one in certificates))
    (folder / "key.pem").write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, hidden))
    return folder / "certificate.pem", folder / "key.pem"


def packed(folder: Path, certificates: Sequence[x509.Certificate], key: Key, password: bytes) -> Path:
    """All of it in one PKCS#12 file."""
    hidden = serialization.BestAvailableEncryption(password)
    file = folder / "seal.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificates[0], certificates[1:], hidden))
    return file


def curve_key() -> Key:
    """A key of an elliptic curve."""
    return ec.generate_private_key(ec.SECP256R1())


@contextmanager
def stamping(folder: Path) -> Iterator[tuple[str, Path]]:
    """A time stamping authority that answers over HTTP: its address and the file with its certificates."""
    root = issued("CA of stamps")
    leaf = issued("stamps", root, purposes=[x509.ExtendedKeyUsageOID.TIME_STAMPING])
    file = folder / "stamps.pem"
    file.write_bytes(b"".join(one[0].public_bytes(PEM) for one in (leaf, root)))
    der = serialization.Encoding.DER
    secret = leaf[1].private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    above = SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(root[0].public_bytes(der))])
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(leaf[0].public_bytes(der)), keys.PrivateKeyInfo.load(secret), certs_to_embed=above
    )

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            told = stamper.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", file
    finally:
        server.shutdown()
        server.server_close()
