"""A client that nobody has written: generated from the description, it plays the story of an agreement to its end."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import httpx
import pytest

from tests.fixtures.application import PASSWORD
from tests.fixtures.patience import PATIENCE
from tests.fixtures.servers import LiveServer
from tests.signing.stage import letter

NAME = "agreements_client"
ROOT = Path(__file__).parents[2]

Call = Callable[..., Any]
SIGNING = "online_signing.online_signing_"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The client, made as outsiders make it."""
    folder = tmp_path_factory.mktemp("client")
    make = ["make", "--no-print-directory", "client", f"OUT={folder}"]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert not re.findall("Cannot parse|WARNING|not in PATH", said), said  # nothing is left out, files neither
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder / "agreements-client"))
        yield NAME
    for module in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[module]


@pytest.fixture(scope="module")
def call(package: str, live_server: LiveServer) -> Call:
    """call("employer1", "online_signing.online_signing_post", body={…}): the answer of the generated function, as its model."""
    clients: dict[str, Any] = {}

    def client_of(username: str) -> Any:
        if username not in clients:
            sent = {"username": username, "password": PASSWORD, "provider": "db"}
            token = httpx.post(f"{live_server.url}/api/v1/security/login", json=sent, timeout=PATIENCE).json()[
                "access_token"
            ]
            clients[username] = part("client").AuthenticatedClient(
                base_url=live_server.url, token=token, raise_on_unexpected_status=True, timeout=httpx.Timeout(60)
            )
        return clients[username]

    def part(name: str) -> ModuleType:
        return importlib.import_module(f"{package}.{name}")

    def call(username: str | None, name: str, /, *place: Any, **sent: Any) -> Any:
        function = part(f"api.{name}")
        client = client_of(username) if username else part("client").Client(base_url=live_server.url)
        if isinstance(sent.get("body"), dict):
            kind = function.sync_detailed.__annotations__["body"]
            sent["body"] = (get_args(kind) or (kind,))[0].from_dict(sent["body"])
        answer = function.sync_detailed(*place, client=client, **sent)
        assert answer.status_code < 300, answer.content
        return answer.parsed

    return call


def test_the_story_from_the_invitation_to_the_check(call: Call) -> None:
    me = call("graduate7", "me.me_show")
    invited = call("employer1", SIGNING + "post", body={**letter(), "graduate_ids": [me.graduate_id]})
    case = invited.result.created[0]
    assert (case.state, case.version) == ("invited", 1)

    about = {"workflow": "online_signing", "event": "accept", "id": case.id}
    code = call("graduate7", "mecode.me_code_post", body=about).result.trial_code
    accepted = call("graduate7", SIGNING + "fire_accept", case.id, body={"code": code, "version": case.version})
    assert accepted.result.state == "school_review"
    assert accepted.result.history[-1].event == "accept"

    read = call("school10002", SIGNING + "get", case.id).result
    signed = call("school10002", SIGNING + "fire_approve", case.id, body={"version": read.version}).result
    assert (signed.state, signed.graduate.name) == ("signed", read.graduate.name)

    told = call(None, "verify.verify_get", number=signed.number, name=signed.graduate.name).result
    assert told.standing.ok
    assert told.facts.number == signed.number

    for state, ids in (("signed", [case.id]), ("invited", [])):
        assert call("school10002", SIGNING + "get_list", state=state, page_size=1, order="-updated_at").ids == ids


def test_files_come_as_they_are(call: Call) -> None:
    for name in ("roster.roster_template", "graduates.graduates_export"):
        assert call("school10001", name).payload.read(2) == b"PK"
