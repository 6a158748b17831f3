"""`make lint` asks for known weaknesses of the libraries, and fails where there are some."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from trial.settings import ROOT

KNOWN = {("jinja2", "2.0"): "GHSA-xxxx-yyyy-zzzz"}


class _Database(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        found: list[dict[str, Any]] = []
        for one in asked:
            number = KNOWN.get((one["package"]["name"], one["version"]))
            found.append({"vulns": [{"id": number}]} if number else {})
        body = json.dumps({"results": found}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of weaknesses that speaks as the real one does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Database)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/querybatch"
    server.shutdown()
    server.server_close()


def _run(url: str, *files: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/audit.py", *files]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "OSV_URL": url}, capture_output=True, text=True)


def test_a_known_weakness_fails(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# Web.\nFlask==3.1.0\nJinja2[i18n]==2.0 ; python_version > '3'\n-r other.txt\n")
    done = _run(database_url, str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert "jinja2 2.0: GHSA-xxxx-yyyy-zzzz" in done.stdout


def test_nothing_known_is_well(database_url: str) -> None:
    done = _run(database_url, "requirements.txt", "requirements-dev.txt")
    assert done.returncode == 0
    assert int(done.stdout.split()[0]) > 80


def test_without_the_database_lint_says_so_and_goes_on() -> None:
    done = _run("http://127.0.0.1:9/v1/querybatch", "requirements.txt")
    assert done.returncode == 0
    assert "not looked up" in done.stdout
