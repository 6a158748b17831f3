"""Make the TrueType faces of app/documents/fonts from Debian's packages (run by hand, result committed).

The PDF library refuses the CFF outlines of Noto, so they are turned into quadratic ones and cut down to what Chinese
papers need. What Noto lacks comes from two faces for rare characters, cut down to just that: HanaMin (GB 18030-2022
level 3 whole) and BabelStone Han (some more). The other scripts of GB 18030 and letters with accents come from Noto's
own faces for them, with the tables by which letters join and marks stand. Needs fonts-noto-cjk, fonts-noto-core,
fonts-noto-extra, fonts-hanazono and fonts-babelstone-han; takes a few minutes. `scripts` alone makes those of scripts.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

SOURCES = Path("/usr/share/fonts/opentype/noto")
NOTO = Path("/usr/share/fonts/truetype/noto")
HANAZONO = Path("/usr/share/fonts/truetype/hanazono")
BABELSTONE = Path("/usr/share/fonts/truetype/babelstone")
TARGET = Path(__file__).resolve().parent.parent / "app" / "documents" / "fonts"
SIMPLIFIED_CHINESE = 2  # which font of the collection: 0 JP, 1 KR, 2 SC, 3 TC, 4 HK
TOLERANCE = 2.0  # thousandths of an em between the original curve and ours: 0.02 pt at text size

# Latin, Greek, Cyrillic, punctuation, arrows, signs, kana, full-width forms.
SIGNS = [(0x20, 0x250), (0x370, 0x530), (0x2000, 0x27C0), (0x3000, 0x3130), (0xFE10, 0xFE70), (0xFF00, 0xFFF0)]
# Every ideograph that the original has: names are written with Extension A and B too (㛃 䶮 𬱖 𠅤).
IDEOGRAPHS = [(0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x40000)]
HANGUL = [(0x3131, 0x318F), (0xAC00, 0xD7A4)]  # of these the ones of KS X 1001: what names and words are written with
# Faces of other scripts: what of them is kept. Arabic letters as they are typed, with the figures and signs between
# them; the old presentation forms are no spelling. Marks that stand on any letter are left out: no reader of finished
# files gives them back for sure, and what is written with them here has letters of its own.
_ARABIC = [(0x606, 0x610), (0x61B, 0x64B), (0x660, 0x670), (0x671, 0x6D6), (0x6EE, 0x700), (0x750, 0x780)]
SCRIPTS = {
    "NotoSerif-Regular.ttf": [(0xA0, 0x250), (0x400, 0x483), (0x48A, 0x530), (0x1E00, 0x1F00)],
    "NotoNaskhArabic-Regular.ttf": [(0x20, 0x41), (0xAB, 0xAC), (0xBB, 0xBC), *_ARABIC],
    "NotoSerifTibetan-Regular.ttf": [(0xF00, 0x1000)],
    "NotoSansMongolian-Regular.ttf": [(0x1800, 0x18B0), (0x202F, 0x2030)],
    "NotoSansYi-Regular.ttf": [(0xA000, 0xA4D0)],
    "NotoSansLisu-Regular.ttf": [(0xA4D0, 0xA500)],
    "NotoSansTaiLe-Regular.ttf": [(0x1950, 0x1980)],
    "NotoSansNewTaiLue-Regular.ttf": [(0x1980, 0x19E0)],
}
RADICALS = [(0x2E80, 0x2FE0)]  # GB 18030-2022 asks for those of Kangxi too


def main() -> None:
    """Write all faces."""
    TARGET.mkdir(parents=True, exist_ok=True)
    every = encodable("gbk") | within(SIGNS) | within(IDEOGRAPHS)
    build(SOURCES / "NotoSerifCJK-Regular.ttc", TARGET / "NotoSerifSC-Regular.ttf", every)
    build(SOURCES / "NotoSansCJK-Bold.ttc", TARGET / "NotoSansSC-Bold.ttf", encodable("gb2312") | within(SIGNS))
    missing = (within(IDEOGRAPHS) | within(RADICALS)) - every_sign(TARGET / "NotoSerifSC-Regular.ttf")
    hana = [HANAZONO / f"HanaMin{part}.ttf" for part in "BA"]
    missing -= build_rare(hana, TARGET / "RareHan-Regular.ttf", "Rare Han", missing)
    build_rare([BABELSTONE / "BabelStoneHan.ttf"], TARGET / "RareHanMore-Regular.ttf", "Rare Han More", missing)
    build_scripts()


def build_scripts() -> None:
    """Write the faces of other scripts; Hangul is drawn beside the ideographs of the text face."""
    for name, ranges in SCRIPTS.items():
        font = TTFont(NOTO / name, recalcTimestamp=False)
        cut(font, within(ranges) & font.getBestCmap().keys(), shaped=True)
        font.save(TARGET / name)
        print(f"{name}: {font['maxp'].numGlyphs} glyphs, {(TARGET / name).stat().st_size / 1e6:.2f} MB")
    build(
        SOURCES / "NotoSerifCJK-Regular.ttc",
        TARGET / "SerifHangul-Regular.ttf",
        encodable("euc_kr") & within(HANGUL),
        "Serif Hangul",
    )


def build_rare(sources: Sequence[Path], target: Path, family: str, wanted: set[int]) -> set[int]:
    """Put the wanted characters of these faces into one of another name, as their licences ask; returns which."""
    found: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for number, source in enumerate(sources):
            font = TTFont(source, recalcTimestamp=False)
            here = wanted & font.getBestCmap().keys() - found
            font["name"].names = [entry for entry in font["name"].names if entry.platformID == 3]
            cut(font, here)
            parts.append(str(Path(folder) / f"{number}.ttf"))
            font.save(parts[-1])
            found |= here
        font = Merger().merge(parts) if len(parts) > 1 else TTFont(parts[0], recalcTimestamp=False)
        named(font, family)
        font.save(target)
    print(f"{target.name}: {font['maxp'].numGlyphs} glyphs, {target.stat().st_size / 1e6:.1f} MB")
    return found


def named(font: TTFont, family: str) -> None:
    """Give a face its own name and say in it that it was changed; copyright and licence stay."""
    names = font["name"]
    names.names = [entry for entry in names.names if entry.nameID in (0, 13, 14)]
    full = {1: family, 2: "Regular", 3: f"{family} Regular", 4: family, 6: family.replace(" ", "") + "-Regular"}
    full[10] = "Cut down to what a paper needs beside its text face, and renamed, in November 2026."
    for number, words in full.items():
        names.setName(words, number, 3, 1, 0x409)


def every_sign(face: Path) -> set[int]:
    """The code points of a face."""
    with TTFont(face, lazy=True) as font:
        return set(font.getBestCmap())


def build(source: Path, target: Path, wanted: set[int], family: str = "") -> None:
    """Cut `source` down to the wanted characters, turn its outlines into quadratic ones and write `target`."""
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    cut(font, wanted & font.getBestCmap().keys())
    to_truetype(font)
    if family:
        named(font, family)
    font.save(target)
    print(f"{target.name}: {font['maxp'].numGlyphs} glyphs, {target.stat().st_size / 1e6:.1f} MB")


def cut(font: TTFont, characters: Iterable[int], *, shaped: bool = False) -> None:
    """Keep these characters, and what only a typesetter with OpenType features could use where it is `shaped`."""
    options = subset.Options()
    if not shaped:
        options.layout_features = []
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE"]
    options.drop_tables += ["VORG", "vhea", "vmtx", "FFTM", "prop", "DSIG"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.desubroutinize = True
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def to_truetype(font: TTFont) -> None:
    """Replace the cubic outlines (CFF) by quadratic ones (glyf) in place."""
    order, outlines = font.getGlyphOrder(), font.getGlyphSet()
    glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyf.glyphs[name] = pen.glyph(dropImpliedOnCurves=True)
    font["loca"], font["glyf"] = newTable("loca"), glyf
    del font["CFF "]
    _fit_tables(font, glyf, order)


def _fit_tables(font: TTFont, glyf: object, order: list[str]) -> None:
    for name in order:
        glyf[name].recalcBounds(glyf)
    widths = font["hmtx"].metrics
    font["hmtx"].metrics = {name: (widths[name][0], getattr(glyf[name], "xMin", 0)) for name in order}
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    limits.maxZones = 1
    for field in (
        *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
        *("maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"),
        *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"),
    ):
        setattr(limits, field, 0)
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


def encodable(encoding: str) -> set[int]:
    """Every character that the encoding has."""
    found = set()
    for high in range(0x81, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode(encoding)))
            except (UnicodeDecodeError, TypeError):
                continue
    return found


def within(ranges: Iterable[tuple[int, int]]) -> set[int]:
    """All code points of these ranges, ends excluded."""
    return {code for first, last in ranges for code in range(first, last)}


if __name__ == "__main__":
    build_scripts() if sys.argv[1:] == ["scripts"] else main()
