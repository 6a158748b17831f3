"""The embedded PostgreSQL: where it may run and what it leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.fixtures.patience import until
from trial.places import TrialError
from trial.postgres import Postgres

SERVE = """
import sys, time
from pathlib import Path
from trial.postgres import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""


def test_database_is_utf8_with_locale_c_and_without_network(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        row = connection.execute(
            "SELECT current_setting('server_encoding'), datcollate, current_setting('listen_addresses')"
            " FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert row == ("UTF8", "C", "")


def test_data_survives_a_restart_of_a_durable_server(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "pg")
    server.start()
    server.create_database("kept")
    with server.connect("kept") as connection:
        connection.execute("CREATE TABLE word AS SELECT '签约'::text AS text")
        durability = connection.execute("SELECT current_setting('fsync')").fetchone()
    server.stop()
    server = Postgres(tmp_path / "pg")
    server.start()
    try:
        with server.connect("kept") as connection:
            assert connection.execute("SELECT text FROM word").fetchone() == ("签约",)
    finally:
        server.stop()
    assert durability == ("on",)


def test_server_runs_below_a_folder_too_deep_for_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = Postgres(deep / "pg", durable=False)
    server.start()
    try:
        assert len(server.url("postgres")) < 150
        server.connect().close()
    finally:
        server.stop()
    assert not (deep / "pg.short").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder the server's user cannot pass")
def test_server_runs_below_a_folder_that_only_root_can_enter(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    before = {path: path.stat().st_mode for path in [locked, *locked.parents]}
    server = Postgres(locked / "var" / "pg", durable=False)
    server.start()
    try:
        assert psutil.Process(server.process.pid if server.process else 0).uids().real != 0
    finally:
        server.stop()
    assert {path: path.stat().st_mode for path in before} == before


def test_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    (tmp_path / "pg.unfinished").touch()
    server = Postgres(folder, durable=False)
    server.start()
    server.stop()
    assert not (tmp_path / "pg.unfinished").exists()


def test_stale_process_number_of_another_program_does_not_stop_the_start(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "pg", durable=False)
    server.start()
    server.stop()
    (tmp_path / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path / 'pg'}\n1\n5432\n.\n\n1 1\n")
    server.start()
    server.stop()


def test_server_dies_with_a_killed_parent_and_the_next_start_waits_for_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(tmp_path / "pg")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    server = Postgres(tmp_path / "pg")
    server.start()
    server.stop()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_failure_says_why(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "pg", durable=False)
    server.start()
    server.stop()
    (tmp_path / "pg" / "postgresql.conf").write_text("nonsense = = 1\n")
    with pytest.raises(TrialError, match="syntax error"):
        server.start()
