"""What the trial adds to the product, and that production knows nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import session
from app.base.settings import settings
from app.payments.adapters.base import Remittance
from app.payments.services import order_payment
from config import SettingsError, settings_from
from tests.fixtures.browser import check_no_sideways_scrolling
from trial import extension
from trial.seal import own_certificate
from trial.settings import ROOT, defaults

SECRET = "a-secret-of-somebody-0123456789"
PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": SECRET,
    "DATA_KEY": "c29tZWJvZHkncyBvd24ga2V5LCAzMiBieXRlcyBsbmc=",
    "PUBLIC_URL": "https://sign.example",
    "EMS_URL": "https://ems.example",
    "EMS_TOKEN": SECRET,
    "SERVICE_PHONE": "010-62510000",
}
# Runs in a process of its own in which no module of the trial can be imported.
WITHOUT_TRIAL = """
import sys

class NoTrial:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "trial":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoTrial())
import worker
from app import create_app
app = create_app()
client = app.test_client()
headers = {"X-Forwarded-Proto": "https"}
assert client.get("/", headers=headers).status_code == 200
assert client.get("/standin/bank/", headers=headers).status_code == 404
assert client.get("/standin/wechat/", headers=headers).status_code == 404
assert "demo" not in app.cli.commands
assert not [name for name in sys.modules if name.partition(".")[0] == "trial"]
print("well")
"""


def _run(program: str, settings: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "VAR_DIR": str(folder), **settings}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_production_runs_where_the_trial_does_not_exist(
    environment: dict[str, str], app: Flask, tmp_path: Path
) -> None:
    # The key of this database: with another the start is refused, and rightly.
    servers = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL", "DATA_KEY")}
    done = _run(WITHOUT_TRIAL, {**PRODUCTION, **servers}, tmp_path)
    assert done.stdout == "well\n", done.stderr


def test_without_the_trial_a_forgotten_mode_is_named_in_one_line(tmp_path: Path) -> None:
    done = _run(WITHOUT_TRIAL, {"DATABASE_URL": "postgresql://x/y"}, tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("APP_ENV must be production where the trial is not installed")


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATA_KEY", "EMS_TOKEN"])
def test_published_secrets_are_refused_in_production(name: str) -> None:
    published = {name: defaults({})[name]}
    servers = {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x"}
    assert settings_from({**PRODUCTION, **servers}).extensions == ()
    with pytest.raises(SettingsError, match=name):
        settings_from({**PRODUCTION, **servers, **published})


def test_the_bank_of_the_trial_is_no_way_to_pay_in_production(
    environment: dict[str, str], app: Flask, tmp_path: Path
) -> None:
    # The key of this database: with another the start is refused, and rightly.
    servers = {name: environment[name] for name in ("DATABASE_URL", "REDIS_URL", "DATA_KEY")}
    done = _run(WITHOUT_TRIAL, {**PRODUCTION, **servers, "PAYMENT_ADAPTER": "standin"}, tmp_path)
    assert "PAYMENT_ADAPTER must be batch or gateway, not 'standin'" in done.stderr


def test_extension_is_refused_in_production(app: Flask, change_settings: Callable[..., None]) -> None:
    change_settings(app_env="production")
    with pytest.raises(SettingsError, match=r"EXTENSIONS must not name trial\.extension"):
        extension.register(app)


def test_a_given_way_to_pay_account_and_seal_stay(tmp_path: Path, change_settings: Callable[..., None]) -> None:
    wechat = {"WECHAT_APP_ID": "wx1", "WECHAT_APP_SECRET": "s"}
    change_settings(payments={"PAYMENT_ADAPTER": "batch"}, seal=(tmp_path / "a", tmp_path / "b"), environ=wechat)
    kept = settings()
    bare = Flask("bare")
    extension.register(bare)
    assert settings() == kept
    assert "demo" in bare.cli.commands
    assert not [rule for rule in bare.url_map.iter_rules() if rule.rule.startswith("/standin")]


def test_processes_that_start_at_once_agree_on_one_certificate(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        pairs = list(pool.map(lambda _n: own_certificate(tmp_path / "seal"), range(4)))
    assert len(set(pairs)) == 1
    assert sorted(file.name for file in tmp_path.rglob("*.pem")) == ["certificate.pem", "key.pem"]
    assert (tmp_path / "seal" / "key.pem").stat().st_mode & 0o077 == 0


def test_statement_of_the_bank_tells_what_an_account_received(app_context: Flask, client: FlaskClient) -> None:
    order_payment(Remittance("bank-1", "某某公司", "6222000099998888", "示例银行", None, "0.57"))
    session.commit()
    rows = client.get("/standin/bank/statement?account=6222 0000 9999 8888").get_json()["result"]
    assert [(row["payee"], row["amount"], row["payer"]) for row in rows] == [
        ("某某公司", "0.57", defaults({})["PAYMENT_ACCOUNT"])
    ]
    page = client.get("/standin/bank/?account=6222000099998888").text
    assert "模拟银行" in page
    assert "0.57" in page
    for account in ("", "%00", "账号", "6222000099997777"):
        assert client.get(f"/standin/bank/statement?account={account}").get_json() == {"result": []}


@pytest.mark.browser
def test_counter_of_the_bank_is_open_to_everybody(phone: Callable[..., Any], axe: Callable[..., None]) -> None:
    page = phone()
    page.goto("/standin/bank/?account=1100123456784454")
    check_no_sideways_scrolling(page)
    axe(page)
