"""Folders, secrets and ports of a trial."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from trial.environment import environment_of, keep_environment
from trial.places import TrialError, forget_short_folder, free_port, kept, only_copy, private_folder, short_folder
from trial.settings import base_settings, register_settings, standin_settings


def test_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = kept(tmp_path / "secrets", "secret_key")
    assert kept(tmp_path / "secrets", "secret_key") == first
    assert len(first) >= 48
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_data_key_is_32_bytes_in_base64(tmp_path: Path) -> None:
    assert len(base64.b64decode(kept(tmp_path, "data_key", "key"), validate=True)) == 32


def test_second_copy_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with only_copy(tmp_path), pytest.raises(TrialError, match="already running"), only_copy(tmp_path):
        pass
    with only_copy(tmp_path):
        pass


def test_short_folder_is_the_folder_itself_where_that_fits(tmp_path: Path) -> None:
    assert short_folder(tmp_path, "s") == tmp_path


def test_link_that_points_elsewhere_is_not_used(tmp_path: Path) -> None:
    deep = private_folder(tmp_path / ("d" * 100) / "pg")
    link = short_folder(deep, "socket")
    assert link.resolve() == deep
    assert short_folder(deep, "socket") == link
    link.unlink()
    link.symlink_to(tmp_path)
    other = short_folder(deep, "socket")
    assert other != link
    forget_short_folder(deep)
    assert not other.parent.exists()
    link.unlink()
    link.parent.rmdir()


def test_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
        with pytest.raises(TrialError, match=f"Port {port} is in use"):
            base_settings({"PORT": str(port)}, tmp_path)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_port_that_is_none_is_refused(port: str, tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="PORT must be a port number"):
        base_settings({"PORT": port}, tmp_path)


def test_given_settings_win_over_made_ones(tmp_path: Path) -> None:
    given = {"PORT": str(free_port()), "SECRET_KEY": "given", "APP_ENV": "production", "DATABASE_URL": ""}
    settings = base_settings(given, tmp_path)
    assert (settings["SECRET_KEY"], settings["APP_ENV"]) == ("given", "production")
    assert "DATABASE_URL" not in settings


def test_standin_gets_its_own_database_and_keeps_its_port(tmp_path: Path) -> None:
    settings = {"DATABASE_URL": "postgresql+psycopg://u:p%40ss@db.example:5433/platform?sslmode=require"}
    first = standin_settings(settings, tmp_path)
    expected = "postgresql+psycopg://u:p%40ss@db.example:5433/platform_ems?sslmode=require"
    assert first["EMS_STANDIN_DATABASE_URL"] == expected
    assert standin_settings(settings, tmp_path) == first
    assert standin_settings({**settings, "EMS_URL": "https://ems.example"}, tmp_path) == {}


def test_standin_of_the_company_register_keeps_its_port(tmp_path: Path) -> None:
    first = register_settings({}, tmp_path)
    assert first["REGISTER_URL"].endswith(f":{first['REGISTER_STANDIN_PORT']}")
    assert register_settings({}, tmp_path) == first
    assert register_settings({"REGISTER_URL": "https://register.example"}, tmp_path) == {}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_told_in_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrialError, match="set VAR_DIR") as error:
        private_folder(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_command_is_told_what_the_running_trial_was_told(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="make run"):
        environment_of(tmp_path)
    keep_environment(tmp_path, {"DATABASE_URL": "postgresql://x/y"})
    assert (tmp_path / "environment.json").stat().st_mode & 0o077 == 0
    with pytest.raises(TrialError, match="make run"):
        environment_of(tmp_path)
    with only_copy(tmp_path):
        assert environment_of(tmp_path)["DATABASE_URL"] == "postgresql://x/y"
    (tmp_path / "lock").unlink()
