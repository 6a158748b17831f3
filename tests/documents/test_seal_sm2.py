"""A service that seals by SM2 and SM3 (国密), with keys and certificates of OpenSSL: a hash goes out, a container comes in."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.base import contract, sm2
from app.base.database import session
from app.base.sealkeys import seal_key
from app.documents.lasting import place_of_seal
from app.documents.sealing import SealUnavailable, seal, sign
from app.documents.sealing.containers import contained
from app.documents.sealing.contract import OF_CONTAINERS
from app.documents.sealing.queries import seal_found
from config import SettingsError, settings_from
from tests.documents.samples import render_agreement, snapshot
from tests.documents.test_seal_service import TOKEN, Service
from tests.signing.stage import Stage
from tests.signing.test_verification import send

IDENTITY = "distid:1234567812345678"
MADE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
Change = Callable[..., None]


def openssl(folder: Path, *said: str, given: bytes = b"") -> bytes:
    """What another house's program answers."""
    return subprocess.run(["openssl", *said], cwd=folder, input=given, capture_output=True, check=True).stdout


def authority(folder: Path, name: str = "seal") -> Path:
    """A root and a certificate of SM2 below it: {name}.pem holds both, {name}.key the key."""
    usage = folder / "usage"
    usage.write_text("keyUsage=critical,digitalSignature,nonRepudiation\n")
    for key in ("ca", name):
        openssl(folder, "ecparam", "-name", "SM2", "-genkey", "-noout", "-out", f"{key}.key")
    by_sm3 = ("-sm3", "-sigopt", IDENTITY)
    root = ("-x509", "-new", "-key", "ca.key", "-subj", "/CN=CA of SM2", "-days", "900", "-out", "ca.pem")
    openssl(folder, "req", *root, *by_sm3)
    asked = openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", f"/C=CN/CN={name}", *by_sm3)
    leaf = ("-req", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "700", "-extfile", "usage")
    made = openssl(folder, "x509", *leaf, *by_sm3, "-vfyopt", IDENTITY, given=asked)
    (folder / f"{name}.pem").write_bytes(made + (folder / "ca.pem").read_bytes())
    return folder / f"{name}.pem"


class Sealing(Service):
    """The stand-in: its containers are signed by OpenSSL. `made` is cms or ses."""

    def __init__(self, folder: Path, made: str, name: str = "seal") -> None:
        file = authority(folder, name)
        super().__init__(None, folder, certificates.load_pem_x509_certificates(file.read_bytes()))
        self.folder, self.made, self.name, self.picture = folder, made, name, b"<svg/>"

    def paths(self) -> set[str]:
        """Whole signatures, none beside."""
        return {"/containers"}

    def made_of(self, hashed: bytes, digest: str) -> dict[str, Any]:
        """A whole signature."""
        return {"container": base64.b64encode(self.container(hashed)).decode()}

    def container(self, hashed: bytes) -> bytes:
        """Over any hash."""
        return self.signed_data(hashed) if self.made == "cms" else self.seal_signature(hashed)

    @property
    def certificate(self) -> bytes:
        """DER."""
        return openssl(self.folder, "x509", "-in", f"{self.name}.pem", "-outform", "DER")

    def value(self, message: bytes) -> bytes:
        """What SM2 makes of a message."""
        (self.folder / "message").write_bytes(message)
        how = ("-rawin", "-digest", "sm3", "-pkeyopt", IDENTITY)
        return openssl(self.folder, "pkeyutl", "-sign", "-inkey", f"{self.name}.key", *how, "-in", "message")

    def signed_data(self, hashed: bytes) -> bytes:
        """SignedData of CMS with the names of GM/T 0010."""
        data, signed_data = "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.6.1.4.2.2"
        own = x509.Certificate.load(self.certificate)
        said = cms.CMSAttributes(
            [
                {"type": "content_type", "values": [data]},
                {"type": "signing_time", "values": [cms.Time(name="utc_time", value=MADE)]},
                {"type": "message_digest", "values": [hashed]},
            ]
        )
        signer = {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
            "digest_algorithm": {"algorithm": sm2.SM3},
            "signed_attrs": said,
            "signature_algorithm": {"algorithm": f"{sm2.CURVE}.1"},
            "signature": self.value(said.dump()),
        }
        content = cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": [{"algorithm": sm2.SM3}],
                "encap_content_info": {"content_type": data},
                "certificates": [own],
                "signer_infos": [signer],
            },
            explicit=0,
        )
        return _sequence(core.ObjectIdentifier(signed_data), content)

    def seal_signature(self, hashed: bytes) -> bytes:
        """SES_Signature of GB/T 38540-2020 with a seal in it, written value by value as the standard lists them."""
        at = core.GeneralizedTime(MADE)
        header = _sequence(core.IA5String("ES"), core.Integer(4), core.IA5String("Maker"))
        listed = _sequence(core.OctetString(self.certificate))
        about = _sequence(core.Integer(1), core.UTF8String("平台签约专用章"), core.Integer(1), listed, at, at, at)
        picture = _sequence(core.IA5String("SVG"), core.OctetString(self.picture), core.Integer(40), core.Integer(40))
        told = _sequence(header, core.IA5String("10001"), about, picture)
        algorithm = core.ObjectIdentifier(sm2.SIGNED_WITH_SM3)
        seal = _sequence(told, core.OctetString(self.certificate), algorithm, _bits(self.value(told)))
        signs = _sequence(core.Integer(4), seal, at, _bits(hashed), core.IA5String("/Seal"))
        return _sequence(signs, core.OctetString(self.certificate), algorithm, _bits(self.value(signs)))


def _sequence(*parts: Any) -> bytes:
    inner = b"".join(part if isinstance(part, bytes) else part.dump() for part in parts)
    made = core.Sequence()
    made.contents = inner
    return bytes(made.dump())


def _bits(content: bytes) -> core.OctetBitString:
    return core.OctetBitString(content)


@pytest.fixture(params=["cms", "ses"])
def service(request: Any, tmp_path: Path, change_settings: Change) -> Iterator[Sealing]:
    """The platform seals by a service of SM2."""
    found = Sealing(tmp_path, request.param)
    told = {"seal_service": (found.url, TOKEN), "seal_subfilter": "GBT38540.sm2"}
    change_settings(seal=(found.file, found.file), **told)
    yield found
    found.server.shutdown()
    found.server.server_close()


def sealed() -> bytes:
    """A paper as the worker seals it."""
    paper = render_agreement(snapshot())
    return seal(paper, place_of_seal(paper))


def test_a_paper_bears_what_the_service_made_and_is_known_as_ours(service: Sealing) -> None:
    pdf = sealed()
    found = seal_found(pdf)
    assert found is not None
    assert found.whole
    assert found.sealed_at == MADE
    assert "seal" in found.certificate
    (asked,) = service.asked
    key = seal_key()
    assert key is not None
    assert [one.subject.rfc4514_string() for one in key.chain] == ["CN=CA of SM2"]
    assert set(asked) == {"certificate", "digest_algorithm", "digest", "subfilter"}
    assert (asked["digest_algorithm"], asked["subfilter"]) == ("sm3", "GBT38540.sm2")
    (field,) = PdfReader(io.BytesIO(pdf)).get_fields().values()  # type: ignore[union-attr]
    signature = field["/V"]
    assert signature["/SubFilter"] == "/GBT38540.sm2"
    first, second, third, length = (int(one) for one in signature["/ByteRange"])
    assert (first, third + length) == (0, len(pdf))
    assert asked["digest"] == hashlib.new("sm3", pdf[:second] + pdf[third:]).hexdigest()


def test_the_public_page_knows_the_agreement_of_such_a_seal(
    service: Sealing, fresh_database: str, app: Flask, client: FlaskClient, api: Any, drain: Callable[..., int]
) -> None:
    """From the last approval to a stranger who shows the file, as it is and with one byte changed (R9.4)."""
    with app.app_context():
        case_id = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed").id
        session.remove()
    drain()
    pdf = api("graduate2").get(f"/online_signing/{case_id}/document").data
    status, page = send(client, pdf)
    assert status == 200
    assert "文件内容与本平台生成时完全一致" in page
    assert "目前有效" in page
    page = send(client, pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:])[1]
    assert "没有本平台的有效签章" in page


def test_a_changed_byte_an_addition_and_a_foreign_seal_are_told_apart(
    service: Sealing, tmp_path: Path, change_settings: Change
) -> None:
    pdf = sealed()
    middle = len(pdf) // 3
    assert seal_found(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]) is None
    grown = seal_found(pdf + b"\n%more")
    assert grown is not None
    assert not grown.whole
    (tmp_path / "other").mkdir()
    stranger = Sealing(tmp_path / "other", service.made)
    change_settings(seal=(stranger.file, stranger.file))
    assert seal_found(pdf) is None, "sealed by somebody with a certificate of the same name"
    change_settings(seal_former=service.file)
    assert seal_found(pdf) is not None
    stranger.server.shutdown()


def test_a_container_of_another_hash_another_key_or_another_form_is_not_used(service: Sealing, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Sealing(tmp_path / "other", service.made)
    ours, hashed = {service.certificate}, sm2.sm3(b"a paper")
    assert contained(service.container(hashed), hashed, ours)
    for wrong in (
        lambda hashed: service.container(hashed[::-1]),
        stranger.container,
        lambda hashed: stranger.container(hashed).replace(stranger.certificate, service.certificate),
        lambda hashed: _with_the_value_of(service.container(hashed), service.container(hashed[::-1])),
        lambda _hashed: b"none",
    ):
        assert contained(wrong(hashed), hashed, ours) is None
        service.answers = lambda asked, wrong=wrong: (  # type: ignore[misc]
            200,
            {"container": base64.b64encode(wrong(bytes.fromhex(asked["digest"]))).decode()},
        )
        with pytest.raises(SealUnavailable):
            sealed()
    service.answers = lambda asked: (503, {})
    with pytest.raises(SealUnavailable):
        sign(b"heads")
    stranger.server.shutdown()


def _with_the_value_of(container: bytes, other: bytes) -> bytes:
    """The end of a container is the value of its signature."""
    return container[:-30] + other[-30:]


def test_a_long_container_finds_room(service: Sealing) -> None:
    if service.made == "ses":
        service.picture = b"x" * 40_000
        assert seal_found(sealed()) is not None
        assert len(service.asked) == 2
        assert seal_found(sealed()) is not None
        assert len(service.asked) == 3


def test_what_is_no_paper_is_signed_too(service: Sealing) -> None:
    signature = sign(b"heads")
    assert signature is not None
    assert signature.algorithm == "SM2-SM3-container"
    assert contained(signature.value, sm2.sm3(b"heads"), {service.certificate})


def test_the_contract_is_asked_from_outside(service: Sealing, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [service.url, "--token", TOKEN, "--certificate", str(service.file), "--subfilter", "GBT38540.sm2"]
    assert contract.main(OF_CONTAINERS, asked) == 0, capsys.readouterr().out
    service.answers = lambda asked: (200, {"container": base64.b64encode(b"x").decode()})
    assert contract.main(OF_CONTAINERS, asked) == 1


def test_the_equation_agrees_with_another_house(tmp_path: Path) -> None:
    """Twenty signatures of OpenSSL by keys of its own; none of them fits another message, key or number."""
    file = authority(tmp_path)
    leaf, root = certificates.load_pem_x509_certificates(file.read_bytes())
    key = sm2.key_of(leaf)
    assert key is not None
    service = Sealing.__new__(Sealing)
    service.folder, service.name = tmp_path, "seal"
    for number in range(20):
        value = service.value(f"paper {number}".encode())
        assert key.fits(value, f"paper {number}".encode())
        assert not key.fits(value, b"another")
        assert not key.fits(value[:-1] + bytes([value[-1] ^ 1]), f"paper {number}".encode())
    assert sm2.vouches(root, leaf)
    assert sm2.vouches(root, root)
    assert not sm2.vouches(leaf, root)
    assert key.fits(b"", b"") is False
    assert sm2.key_in(leaf.public_bytes(Encoding.DER)) == key


def test_a_certificate_and_what_the_service_makes_belong_together(tmp_path: Path, change_settings: Change) -> None:
    file = authority(tmp_path)
    change_settings(seal=(file, file), seal_service=("http://127.0.0.1:1", "x"), seal_subfilter="")
    with pytest.raises(SettingsError, match="SEAL_SERVICE_SUBFILTER"):
        seal_key()


@pytest.mark.parametrize(
    "env",
    [
        {"SEAL_SERVICE_SUBFILTER": "a b", "SEAL_SERVICE_URL": "http://x", "SEAL_SERVICE_TOKEN": "x"},
        {"SEAL_SERVICE_SUBFILTER": "sm2", "SEAL_KEY": "README.md"},
        {
            "SEAL_SERVICE_SUBFILTER": "sm2",
            "SEAL_SERVICE_URL": "http://x",
            "SEAL_SERVICE_TOKEN": "x",
            "SEAL_TSA_URL": "http://x",
            "SEAL_TSA_CERTIFICATES": "pyproject.toml",
        },
    ],
)
def test_what_does_not_fit_is_refused_at_the_start(env: dict[str, str], environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SEAL_SERVICE_SUBFILTER"):
        settings_from({**environment, "SEAL_CERTIFICATE": "pyproject.toml", "SEAL_KEY": "", **env})
