"""The key of the seal in a token (PKCS#11), here SoftHSM's: it signs, also after a fork, and what it refuses waits (R9.4)."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.base.outward import OutwardError
from app.base.sealkeys import Key, seal_key
from app.base.sealservice import demand_fit
from app.documents.sealing import SealUnavailable
from app.documents.sealing.queries import seal_found
from config import SettingsError, settings_from
from tests.documents.authority import PEM, chained, curve_key
from tests.documents.test_seal_keys import sealed, trusts

_PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
MODULE = next((Path(place) for place in _PLACES if Path(place).exists()), None)
LABEL, PIN = "platform", "271828"
Change = Callable[..., None]

pytestmark = pytest.mark.skipif(
    MODULE is None or not shutil.which("softhsm2-util"),
    reason="no SoftHSM found (apt-get install softhsm2; tests/setup_browser.sh does)",
)
Kept = tuple[list[x509.Certificate], Path]


@pytest.fixture(autouse=True)
def _unknown_to_the_token() -> Iterator[None]:
    """Each test has to open it."""
    yield
    import pkcs11

    pkcs11.lib(str(MODULE)).reinitialize()


def _util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Kept]]:
    """A token with a key of each kind, by label; the library reads its settings once a process."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        _util("--init-token", "--free", "--label", LABEL, "--so-pin", "314159", "--pin", PIN)
        made = {"rsa": chained(), "ec": chained(key=curve_key()), "other": chained()}
        for number, (label, (_certificates, key)) in enumerate(made.items(), start=1):
            _import(folder / f"{label}.pem", key, label, f"A{number}")
        yield {
            label: (certificates, _written(folder, label, certificates)) for label, (certificates, _) in made.items()
        }


def _import(file: Path, key: Key, label: str, number: str) -> None:
    file.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    _util("--import", str(file), "--token", LABEL, "--label", label, "--id", number, "--pin", PIN)
    file.unlink()


def _written(folder: Path, label: str, certificates: list[x509.Certificate]) -> Path:
    file = folder / f"{label}-certificates.pem"
    file.write_bytes(b"".join(one.public_bytes(PEM) for one in certificates))
    return file


def _place(file: Path, key: str, pin: str = PIN) -> dict[str, Any]:
    return {"seal": (file, file), "seal_token": (MODULE, LABEL, key, pin)}


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_what_it_signs_bears_our_seal(keys: dict[str, Kept], change_settings: Change, kind: str) -> None:
    certificates, file = keys[kind]
    change_settings(**_place(file, kind))
    pdf = sealed()
    found = seal_found(pdf)
    assert found is not None
    assert found.whole
    assert trusts(certificates[-1], pdf)


def _sign(results: Any) -> None:
    key = seal_key()
    assert key is not None
    results.put(key.sign(b"in a child", "sha256"))


def test_a_process_that_was_forked_opens_it_anew(keys: dict[str, Kept], change_settings: Change) -> None:
    import hashlib

    certificates, file = keys["rsa"]
    change_settings(**_place(file, "rsa"))
    key = seal_key()
    assert key is not None
    assert key.sign(b"before", "sha256")
    forking = multiprocessing.get_context("fork")
    results = forking.Queue()
    child = forking.Process(target=_sign, args=(results,))
    child.start()
    demand_fit(certificates[0], results.get(timeout=60), hashlib.sha256(b"in a child").digest(), "sha256")
    child.join()
    assert key.sign(b"after", "sha256")


@pytest.mark.parametrize(
    ("key", "pin"), [("other", PIN), ("nobody", PIN), ("rsa", "000000")], ids=["foreign key", "no key", "wrong PIN"]
)
def test_what_does_not_fit_seals_nothing_and_papers_wait(
    keys: dict[str, Kept], change_settings: Change, key: str, pin: str
) -> None:
    change_settings(**_place(keys["rsa"][1], key, pin))
    with pytest.raises(SealUnavailable):
        sealed()


def test_a_wrong_pin_is_tried_once(keys: dict[str, Kept], change_settings: Change) -> None:
    change_settings(**_place(keys["rsa"][1], "rsa", "000000"))
    found = seal_key()
    assert found is not None
    with pytest.raises(OutwardError):
        found.sign(b"x", "sha256")
    with pytest.raises(OutwardError, match="not asked again"):
        found.sign(b"x", "sha256")


@pytest.mark.parametrize(
    "env",
    [
        {"SEAL_PKCS11_MODULE": "/no/such.so"},
        {"SEAL_PKCS11_MODULE": "README.md", "SEAL_PKCS11_TOKEN": "x"},
        {"SEAL_KEY": "README.md"},
        {"SEAL_CERTIFICATE": ""},
        {"SEAL_SERVICE_URL": "http://x", "SEAL_SERVICE_TOKEN": "x"},
    ],
)
def test_half_a_token_is_refused_at_the_start(env: dict[str, str], environment: dict[str, str]) -> None:
    whole = {"MODULE": "README.md", "TOKEN": LABEL, "KEY": "rsa", "PIN": PIN}
    token = {f"SEAL_PKCS11_{name}": value for name, value in whole.items()}
    if "SEAL_PKCS11_TOKEN" in env:
        del token["SEAL_PKCS11_PIN"]
    settings = {**environment, "SEAL_CERTIFICATE": "pyproject.toml", "SEAL_KEY": "", **token}
    assert settings_from(settings | ({"SEAL_PKCS11_PIN": PIN})).seal_token
    with pytest.raises(SettingsError, match=r"SEAL_PKCS11|token"):
        settings_from({**settings, **env})
