"""What deploy/ names exists, and says the same as README and the program."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from app.operations.commands import STEPS as OWN_STEPS
from app.web.bodies import MOST_OF_FORM
from app.workflow.queues import QUEUES
from config import flask_config, settings_from
from trial.prepare import STEPS
from trial.settings import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
WORKERS = {*QUEUES, "clock"}
_NAME = re.compile(r"^#?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


def _exists(words: list[str]) -> bool:
    """Whether the program and the files that a command names are there."""
    named = [word for word in words if "/" in word or word.endswith(".py")]
    return bool(named) and all((ROOT / word.removeprefix("/opt/agreements/")).exists() for word in named)


def _unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    return unit


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file."""
    with (DEPLOY / "compose.yaml").open(encoding="utf-8") as file:
        return dict(yaml.safe_load(file)["services"])


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_starts_what_exists(path: Path) -> None:
    unit = _unit(path)
    assert _exists(unit["Service"]["ExecStart"].split())
    assert unit["Service"]["EnvironmentFile"] == "/etc/agreements.env"
    assert f"/var/lib/{unit['Service']['StateDirectory']}" == _example()["VAR_DIR"]


def test_target_wants_web_clock_and_one_worker_of_each_queue() -> None:
    text = (DEPLOY / "systemd" / "agreements.target").read_text(encoding="utf-8")
    wanted = [name for line in re.findall(r"^Wants=(.+)$", text, re.MULTILINE) for name in line.split()]
    workers = [f"agreements-worker@{name}.service" for name in QUEUES]
    assert sorted(wanted) == sorted(["agreements-web.service", "agreements-clock.service", *workers])
    files = {path.name for path in UNITS}
    assert {re.sub("@.*[.]", "@.", name) for name in wanted} | {"agreements-prepare.service"} == files


def test_compose_starts_what_exists(services: dict[str, Any]) -> None:
    own = {name: service for name, service in services.items() if service["image"] == "agreements"}
    assert set(own) == WORKERS | {"web", "prepare"}
    for name, service in own.items():
        assert _exists(service["command"]), name
        if name in WORKERS:
            assert service["command"][-2:] == ["worker.py", name]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)


def test_prepare_runs_the_steps_of_the_trial_without_the_demonstration(application: Flask) -> None:
    assert (DEPLOY / "prepare.sh").read_text(encoding="utf-8").splitlines()[-1] == 'exec .venv/bin/flask setup "$@"'
    assert (*OWN_STEPS, "demo load") == STEPS
    assert {step.split()[0] for step in OWN_STEPS} <= {"db", *application.cli.commands}


def test_nginx_lets_through_what_the_program_takes() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    assert all(line.strip().endswith((";", "{", "}")) for line in text.splitlines() if line.strip())
    common = int(
        str(flask_config(settings_from({"APP_ENV": "test", "DATABASE_URL": "postgresql://x/y"}))["MAX_CONTENT_LENGTH"])
    )
    assert f"client_max_body_size {max(common, MOST_OF_FORM) // 1024**2}m;" in text


def _example() -> dict[str, str]:
    lines = (DEPLOY / "agreements.env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_example_of_the_environment_is_the_table_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("**环境变量**")[2].partition("**一次性步骤**")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.strip().startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    assert told == set(_NAME.findall((DEPLOY / "agreements.env.example").read_text(encoding="utf-8")))


def test_example_needs_nothing_but_its_empty_values() -> None:
    given = {
        "SECRET_KEY": "a-secret-of-somebody-0123456789",
        "DATA_KEY": "c29tZWJvZHkncyBvd24ga2V5LCAzMiBieXRlcyBsbmc=",
        "PUBLIC_URL": "https://sign.example",
        "EMS_URL": "https://ems.example",
        "EMS_TOKEN": "a-secret-of-somebody-0123456789",
        "SERVICE_PHONE": "010-62510000",
    }
    example = _example()
    assert {name for name, value in example.items() if not value} == set(given)
    settings = settings_from({**example, **given})
    assert settings.is_production
    assert settings.extensions == ()
    for name in given:
        with pytest.raises(SystemExit, match=f"^{name} is not set"):
            settings_from({**example, **given, name: ""})


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## 正式部署")[2].partition("\n## ")[0]
    commands = [
        text.split() for text in re.findall(r"`([^`]+)`", readme) if re.match(r"(\.venv/bin|bash|deploy)/? ?\S+", text)
    ]
    assert len(commands) > 8
    for words in commands:
        named = [word for word in words if re.search(r"^(\.venv/bin|deploy|scripts)/|\.(py|sh|txt)$", word)]
        assert named, words
        assert all((ROOT / word).exists() for word in named), words
