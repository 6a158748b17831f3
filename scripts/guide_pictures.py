"""Takes the pictures of docs/guides from a trial of their own: the journeys' people walk, a real browser looks.

`make guides` runs it, in some minutes; the pictures are kept small and are a part of the repository.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.documents.guides import FOLDER
from tests.fixtures.browser import DESK, FLAGS, PHONE, chromium, log_in, prove
from tests.journeys.people import open_case_of, press, write_letter
from trial.places import free_port
from trial.settings import ROOT

PICTURES = FOLDER / "pictures"
MOST_BYTES = 1_500_000  # all of them together: they travel with every copy of the program
_COLOURS, _PHONE_WIDTH, _DESK_WIDTH = 128, 585, 1120
_READY, _ALIVE = 180, 900  # seconds
# Not there where the guide is read: the tour of the first entry, what the press before has said, notes of the trial.
_HIDE = """hide => document.querySelectorAll(".tour, #flashes, #proof-state .note").forEach(
  (one) => { one.style.display = hide ? "none" : ""; })"""
_NAME = re.compile(r"\| `graduate7` \| (\S+) \|")


class Camera:
    """People in front of their screens; each picture is one look at a page."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url

    def enter(self, account: str, *, phone: bool = False) -> Page:
        """The screen of somebody who has just logged in."""
        page = self.open(phone=phone)
        log_in(page, account)
        return page

    def open(self, *, phone: bool = False) -> Page:
        """The screen of a stranger."""
        screen: dict[str, Any] = {**PHONE, "device_scale_factor": 1.5} if phone else dict(DESK)
        context = self._browser.new_context(base_url=self._url, locale="zh-CN", **screen)
        return context.new_page()

    def take(self, page: Page, name: str) -> None:
        """What the screen shows now, as a small picture."""
        page.wait_for_load_state("networkidle")
        page.evaluate(_HIDE, True)
        with tempfile.NamedTemporaryFile(suffix=".png") as raw:
            page.screenshot(path=raw.name, animations="disabled")
            _keep_small(Path(raw.name), PICTURES / f"{name}.png")
        page.evaluate(_HIDE, False)
        print(name, (PICTURES / f"{name}.png").stat().st_size, flush=True)


def _keep_small(source: Path, target: Path) -> None:
    with Image.open(source) as image:
        plain = image.convert("RGB")
    width = _PHONE_WIDTH if plain.height > plain.width else _DESK_WIDTH
    if plain.width > width:
        plain = plain.resize((width, round(plain.height * width / plain.width)), Image.Resampling.LANCZOS)
    target.parent.mkdir(exist_ok=True)
    plain.quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def tell(camera: Camera) -> None:
    """The stories, in the order in which they happen."""
    name = _NAME.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert name is not None
    unit = camera.enter("employer1")
    _invitation(camera, unit, name[1])
    graduate = _answer(camera)
    school = camera.enter("school10002")
    _verdict(camera, school, name[1])
    graduate.goto("/graduate/")
    camera.take(graduate, "graduate-signed")
    unit.goto("/employer/signings?tab=signed")
    camera.take(unit, "employer-signings")
    _destination(camera)
    _desk(camera)


def _invitation(camera: Camera, unit: Page, name: str) -> None:
    unit.goto("/employer/favorites")
    camera.take(unit, "employer-favorites")
    unit.locator("tr", has_text=name).get_by_role("link", name="发起签约邀请").click()
    write_letter(unit)
    unit.evaluate("scrollTo(0, 0)")
    unit.wait_for_timeout(1500)  # the letter beside the form follows what is typed
    camera.take(unit, "employer-letter")
    press(unit, "下一步")
    camera.take(unit, "employer-preview")
    press(unit, "发送邀请函")
    expect(unit.get_by_text("已发送 1 份签约邀请函")).to_be_visible()


def _answer(camera: Camera) -> Page:
    stranger = camera.open(phone=True)
    stranger.goto("/login/graduate")
    camera.take(stranger, "graduate-login")
    graduate = camera.enter("graduate7", phone=True)
    camera.take(graduate, "graduate-home")
    graduate.locator("main").get_by_role("link", name="查看并回应").first.click()
    camera.take(graduate, "graduate-invitation")
    press(graduate, "接受")
    expect(graduate.locator("dialog[open]")).to_be_visible()
    camera.take(graduate, "graduate-accept")
    prove(graduate)
    expect(graduate.get_by_text("您已接受邀请")).to_be_visible()
    return graduate


def _verdict(camera: Camera, school: Page, name: str) -> None:
    open_case_of(school, name)
    camera.take(school, "school-review")
    press(school, "鉴证通过")
    school.wait_for_load_state()


def _destination(camera: Camera) -> None:
    graduate = camera.enter("graduate8", phone=True)
    graduate.goto("/graduate/destinations/types/")
    camera.take(graduate, "graduate-destination")


def _desk(camera: Camera) -> None:
    """A school in the middle of its season."""
    school = camera.enter("school10003")
    school.locator("main").get_by_role("link", name="毕业去向登记与网签").click()
    camera.take(school, "school-home")
    school.goto("/staff/online-signings/list/")
    camera.take(school, "school-list")
    for number in range(3):
        school.locator("[data-pick]").nth(number).check()
    press(school, "分配给同事")
    school.locator("input[name=to]").first.check()
    press(school, "分配给同事")
    for path, name in (("/staff/workload/", "school-workload"), ("/staff/roster-imports/", "school-roster")):
        school.goto(path)
        camera.take(school, name)


@contextmanager
def running_trial() -> Iterator[str]:
    """The address of a trial with the records of the last weeks; nothing of it is left behind."""
    with tempfile.TemporaryDirectory(prefix="guides-") as folder:
        port = free_port()
        env = {**os.environ, "PORT": str(port), "VAR_DIR": folder}
        log = Path(folder) / "trial.log"
        with log.open("wb") as said:
            trial = subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env=env, stdout=said, stderr=said)
        try:
            _wait(lambda: _healthy(f"http://127.0.0.1:{port}"), _READY, "the trial did not start")
            _wait(lambda: "演示记录已补充完毕" in log.read_text(encoding="utf-8"), _ALIVE, "its records did not come")
            yield f"http://127.0.0.1:{port}"
        finally:
            trial.terminate()
            trial.wait(60)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def _wait(there: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(1)


def main() -> None:
    """Take them all; fails when they weigh too much. GUIDES_FROM names a trial that runs already."""
    given = os.environ.get("GUIDES_FROM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if given:
            tell(Camera(browser, given))
        else:
            with running_trial() as url:
                tell(Camera(browser, url))
        browser.close()
    weight = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(weight, "bytes")
    if weight > MOST_BYTES:
        raise SystemExit(f"more than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
