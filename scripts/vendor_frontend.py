"""Fetch htmx, ECharts and the Lucide icons from npm and write them, pinned, into app/static (run by hand, result committed)."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

HTMX = "htmx.org@4.0.1"
ECHARTS = "echarts@6.1.0"
LUCIDE = "lucide-static@1.62.0"
SEAL_FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")
SEAL_CHARACTER = "签"

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "app" / "static"

# Only what the templates use; a name missing here shows as nothing in the gallery (a text is easier to edit).
ICONS = """
arrow-left arrow-right arrow-up-down arrow-down arrow-up badge-check ban bell book-open briefcase building-2
calendar calendar-clock banknote camera chart-column check chevron-down chevron-left chevron-right chevron-up circle-alert
circle-check circle-help circle-x clipboard-check clock copy corner-up-left download ellipsis external-link
eye file-check file-clock file-pen-line file-plus file-x hourglass file-text filter folder graduation-cap
history house id-card inbox info
landmark layout-dashboard link list loader lock log-in log-out mail mail-check map-pin menu message-square monitor moon
package-open pencil phone plus printer qr-code refresh-cw rotate-cw school scroll-text search send settings
shield-alert shield-check signature sliders-horizontal star sun tag timer trash-2 triangle-alert undo-2 upload user
user-check user-plus user-x users wallet x zoom-in
""".split()  # noqa: SIM905


def unpack(package: str, into: Path) -> Path:
    """Download one npm package by its exact version and return its folder."""
    name = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=into, check=True, capture_output=True, text=True
    ).stdout.strip()
    target = into / name.removesuffix(".tgz")
    with tarfile.open(into / name) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def symbol(name: str, folder: Path) -> str:
    """One Lucide icon as an SVG symbol without its own stroke settings (those come from the style sheet)."""
    source = (folder / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.S)
    if inner is None:
        raise SystemExit(f"{name}: not an icon")
    body = re.sub(r"\s*\n\s*", "", inner.group(1)).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def seal() -> str:
    """The seal: one character of Noto Serif CJK (OFL) as an outline inside a square frame."""
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.ttLib import TTCollection

    faces = TTCollection(str(SEAL_FONT)).fonts
    font = next(f for f in faces if f["name"].getDebugName(1) == "Noto Serif CJK SC")
    glyphs = font.getGlyphSet()
    glyph = glyphs[font.getBestCmap()[ord(SEAL_CHARACTER)]]
    bounds = BoundsPen(glyphs)
    glyph.draw(bounds)
    left, low, right, high = bounds.bounds
    scale = 17 / max(right - left, high - low)
    shift_x = 12 - scale * (left + right) / 2
    shift_y = 12 + scale * (low + high) / 2
    pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.2f}".rstrip("0").rstrip("."))
    glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, shift_x, shift_y)))
    frame = '<path d="M.5.5h23v23H.5z" fill="none" stroke="currentColor" stroke-width="1"/>'
    outline = f'<path stroke="none" fill="currentColor" d="{pen.getCommands()}"/>'
    return f'<symbol id="seal" viewBox="0 0 24 24">{frame}{outline}</symbol>'


def main() -> None:
    """Write vendor/htmx.min.js, vendor/echarts.common.min.js, icons/sprite.svg, icons/favicon.svg and the licences."""
    for folder in ("vendor", "icons"):
        (STATIC / folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        htmx = unpack(HTMX, Path(scratch))
        lucide = unpack(LUCIDE, Path(scratch))
        echarts = unpack(ECHARTS, Path(scratch))
        script = (htmx / "dist" / "htmx.min.js").read_text(encoding="utf-8")
        script = re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", script)
        (STATIC / "vendor" / "htmx.min.js").write_text(script, encoding="utf-8")
        (STATIC / "vendor" / "htmx.LICENSE").write_text((htmx / "LICENSE").read_text("utf-8"), "utf-8")
        charts = "echarts.common.min.js"  # lines, bars, axes, legend, tooltip; only the pages of figures load it
        (STATIC / "vendor" / charts).write_bytes((echarts / "dist" / charts).read_bytes())
        terms = (echarts / "LICENSE").read_bytes() + (echarts / "NOTICE").read_bytes()
        (STATIC / "vendor" / "echarts.LICENSE").write_bytes(terms)
        (STATIC / "icons" / "lucide.LICENSE").write_text((lucide / "LICENSE").read_text("utf-8"), "utf-8")
        symbols = [symbol(name, lucide) for name in ICONS]
    mark = seal()
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join([*symbols, mark])}</svg>\n'
    (STATIC / "icons" / "sprite.svg").write_text(sprite, encoding="utf-8")
    inner = re.sub(r"</?symbol[^>]*>", "", mark)
    favicon = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -3 30 30" color="#fff">'
        f'<rect x="-3" y="-3" width="30" height="30" rx="3" fill="#a5312a"/>{inner}</svg>\n'
    )
    (STATIC / "icons" / "favicon.svg").write_text(favicon, encoding="utf-8")


if __name__ == "__main__":
    main()
