"""The embedded Valkey: durable where asked, and never on the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from trial.places import TrialError
from trial.valkey import Valkey


def test_durable_server_keeps_what_it_was_given(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "vk")
    server.start()
    server.connect().set("queue", "full")
    server.stop()
    server = Valkey(tmp_path / "vk")
    server.start()
    try:
        assert server.connect().get("queue") == b"full"
        assert server.connect().config_get("port")["port"] == "0"
    finally:
        server.stop()


def test_server_runs_below_a_folder_too_deep_for_a_socket(tmp_path: Path) -> None:
    server = Valkey(tmp_path / ("d" * 60) / ("e" * 60) / "vk", durable=False)
    server.start()
    try:
        assert server.connect().ping()
    finally:
        server.stop()


def test_failure_says_why(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "vk")
    server.start()
    server.connect().set("queue", "full")
    server.stop()
    for manifest in (tmp_path / "vk" / "appendonlydir").glob("*.manifest"):
        manifest.write_text("nonsense\n")
    with pytest.raises(TrialError, match=r"(?i)manifest"):
        server.start()
