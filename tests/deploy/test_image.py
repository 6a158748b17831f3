"""The files that the container image gets are enough: the product is prepared and served from them alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.database import Servers
from trial.settings import ROOT
from trial.texts import compile_catalogues

pytestmark = pytest.mark.slow
GUIDES = "from app.documents.guides import FOLDER, GUIDES; [(FOLDER / f'{name}.md').read_text() for name in GUIDES]"
_COPY = re.compile(r"^COPY (.+) (\S+)$", re.MULTILINE)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the Dockerfile copies, texts compiled."""
    folder = tmp_path / "agreements"
    folder.mkdir()
    for sources, target in _COPY.findall((ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")):
        for source in sources.split():
            place = folder / target / (source if target == "./" else "")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place = place / Path(source).name if target.endswith("/") and target != "./" else place
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / source, place)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    compile_catalogues(folder)
    return folder


def test_product_is_prepared_and_served_without_the_trial(image: Path, servers: Servers, empty_database: str) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "APP_ENV": "production",
        "DATABASE_URL": empty_database,
        "REDIS_URL": servers.valkey.url,
        "VAR_DIR": str(image.parent / "var"),
        "SECRET_KEY": "a-secret-of-somebody-0123456789",
        "DATA_KEY": "c29tZWJvZHkncyBvd24ga2V5LCAzMiBieXRlcyBsbmc=",
        "PUBLIC_URL": "https://sign.example",
        "EMS_URL": "https://ems.example",
        "EMS_TOKEN": "a-secret-of-somebody-0123456789",
        "SERVICE_PHONE": "010-62510000",
    }
    assert not (image / "trial").exists()
    check = [".venv/bin/gunicorn", "--check-config", "-c", "deploy/gunicorn_conf.py", "app:create_app()"]
    for command in (["deploy/prepare.sh"], ["deploy/prepare.sh"], check, [".venv/bin/python", "-c", GUIDES]):
        done = subprocess.run(command, cwd=image, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    unknown = subprocess.run(
        [".venv/bin/python", "worker.py"], cwd=image, env=env, capture_output=True, text=True, check=False
    )
    assert unknown.stderr.startswith("usage: python worker.py notices|ems|documents|bulk|webhooks|clock")
