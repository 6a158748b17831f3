"""What the design promises: readable contrast in both themes, no missing icon, light pages, no inline handlers."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
STATIC = APP / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
TEMPLATES = sorted(APP.rglob("templates/**/*.html"))
STATES = ("mine", "theirs", "in-force", "failed", "over", "invalid")
PAIRS = [
    *[("ink", ground) for ground in ("paper", "surface", "surface-2", "sunken", "brand-soft")],
    *[("ink-2", ground) for ground in ("paper", "surface", "surface-2", "sunken")],
    *[("ink-3", ground) for ground in ("paper", "surface", "surface-2")],
    *[("link", ground) for ground in ("paper", "surface", "surface-2", "brand-soft")],
    *[(state, f"{state}-soft") for state in STATES],
    *[(state, "surface") for state in STATES],
    *[("ink", f"{state}-soft") for state in STATES],
    *[("on-brand", "brand"), ("on-brand", "brand-deep"), ("on-brand-2", "brand-deep")],
    *[("on-seal", "seal"), ("on-danger", "danger"), ("on-danger", "danger-deep")],
]


def colours(block: str) -> dict[str, str]:
    """The custom properties of one rule that hold a plain colour."""
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})", block))


def block(selector: str) -> str:
    """The text of the first rule with that selector."""
    start = TOKENS.index(selector)
    return TOKENS[start : TOKENS.index("}", start)]


LIGHT = colours(block(":root {"))
BY_SYSTEM = colours(block(':root:not([data-theme="light"]) {'))
BY_HAND = colours(block(':root[data-theme="dark"] {'))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    values = LIGHT if theme == "light" else {**LIGHT, **BY_SYSTEM}
    assert contrast(values[text], values[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_controls_can_be_seen(theme: str) -> None:
    values = LIGHT if theme == "light" else {**LIGHT, **BY_SYSTEM}
    assert contrast(values["line-strong"], values["surface"]) >= 3


def test_dark_is_the_same_by_system_and_by_hand() -> None:
    assert BY_SYSTEM == BY_HAND


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons" / "sprite.svg").read_text("utf-8")))
    wanted: dict[str, str] = {}
    for file in TEMPLATES:
        for name in re.findall(r'icon(?:_name)?(?:=|\()"([a-z0-9-]+)"', file.read_text("utf-8")):
            wanted[name] = file.name
    missing = {name: file for name, file in wanted.items() if name not in sprite and not name.startswith("fa-")}
    assert missing == {}


def test_no_template_carries_an_inline_handler_or_a_script_without_nonce() -> None:
    for file in TEMPLATES:
        text = file.read_text("utf-8")
        assert not re.search(r"<[^>{]+\son[a-z]+=", text), file
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert "nonce=" in tag, (file, tag)


def packed(*names: str) -> int:
    """Bytes of static files as they travel."""
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in names)


def test_what_a_graduate_loads_first_is_light() -> None:
    size = packed("css/tokens.css", "css/app.css", "js/app.js", "vendor/htmx.min.js", "icons/sprite.svg")
    assert size <= 60 * 1024, "the page itself needs the rest of 80 KB"


def test_what_staff_load_is_light() -> None:
    size = packed(
        *("css/tokens.css", "css/app.css", "css/staff.css"),
        *("js/app.js", "js/staff.js", "vendor/htmx.min.js", "icons/sprite.svg"),
    )
    assert size <= 150 * 1024
