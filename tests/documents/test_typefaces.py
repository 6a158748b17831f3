"""Which characters can be printed: all of GBK, the rare ones of names, and no emoji."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from app.documents.typefaces import (
    FONTS,
    HEADING_FACE,
    OTHER_FACES,
    TEXT_FACE,
    clean,
    for_letter,
    in_print,
    unprintable,
)
from tests.documents.samples import JOINED, SCRIPTS

RARE = "䶮㛃㑇𬱖𠅤喆堃昇甡镕赟犇㸃䴙䴘𬍛𫍯𫖮𫐄·"
# GB 18030-2022, level 3: the base block, extensions A to F, the radicals of Kangxi.
LEVEL_3 = (
    *((0x4E00, 0x9FEF), (0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0x2A700, 0x2B734), (0x2B740, 0x2B81D)),
    *((0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0), (0x2F00, 0x2FD5)),
)


@pytest.mark.parametrize("character", RARE)
def test_rare_characters_of_names_can_be_printed(character: str) -> None:
    assert unprintable(f"王{character}") == []


def test_every_ideograph_of_gb_18030_can_be_printed() -> None:
    assert unprintable("".join(chr(code) for first, last in LEVEL_3 for code in range(first, last + 1))) == []


def test_headings_can_print_every_character_of_gb2312() -> None:
    with TTFont(HEADING_FACE, lazy=True) as font:
        known = font.getBestCmap()
    level_one_and_two = [
        bytes([high, low]).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)
    ]
    assert [c for c in level_one_and_two if c and ord(c) not in known] == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("工资😀面议🎉😀", ["😀", "🎉"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("普通文字，ABC。", []),
        ("\ue000", ["\ue000"]),
    ],
)
def test_unprintable_characters_are_named_once_in_order(text: str, missing: list[str]) -> None:
    assert unprintable(text) == missing


@pytest.mark.parametrize(("script", "name"), SCRIPTS.items())
def test_names_in_the_scripts_of_the_country_can_be_printed(script: str, name: str) -> None:
    assert unprintable(name) == []
    if script in JOINED:
        assert unprintable(name, joined=False) != []
        assert for_letter(name) == ""
        assert "〓" in in_print(name, joined=False)
    else:
        assert for_letter(name) == name


def test_every_letter_of_the_scripts_can_be_printed() -> None:
    uyghur = "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيە" + "ٴ، ؟؛"
    tibetan = "".join(
        map(chr, (*range(0xF40, 0xF48), *range(0xF49, 0xF6D), *range(0xF71, 0xF83), *range(0xF90, 0xF98)))
    )
    mongolian = "".join(map(chr, (*range(0x1820, 0x1879), *range(0x1880, 0x18AB)))) + "᠊᠀᠐"
    assert unprintable(uyghur + tibetan + mongolian + "".join(map(chr, range(0xA000, 0xA48D)))) == []


def test_accents_typed_apart_belong_to_their_letters() -> None:
    assert clean("Nguye\u0302\u0303n") == "Nguyễn"
    assert unprintable("Nguye\u0302\u0303n") == []
    assert unprintable("ŋ\u030c") == ["\u030c"], "no letter of its own: named rather than set beside"


def test_mongolian_keeps_what_shapes_its_letters_within_a_word_alone() -> None:
    assert clean("ᠰᠠᠷ\u180eᠠ") == "ᠰᠠᠷ\u180eᠠ"
    assert clean("ᠰᠠᠷ\u180e，\u180eᠠ") == "ᠰᠠᠷ，ᠠ"


def test_invisible_characters_are_left_out() -> None:
    assert clean("\ufeff一\u200b、甲\u202e方\ufe0f\x07\u00ad乙\U000e0100") == "一、甲方乙"


def test_line_ends_and_tabs_become_one_kind() -> None:
    assert clean("一\r\n二\r三\u2028四\t五") == "一\n二\n三\n四    五"


@pytest.mark.parametrize("face", [TEXT_FACE, HEADING_FACE, *(face.path for face in OTHER_FACES)])
def test_faces_may_be_embedded_and_shared(face) -> None:  # type: ignore[no-untyped-def]
    with TTFont(face, lazy=True) as font:
        assert font["OS/2"].fsType == 0
        assert "glyf" in font  # the PDF library takes nothing else
    assert {"OFL.txt", "HanazonoFontLicense.txt", "ARPHICPL.txt"} <= {one.name for one in FONTS.iterdir()}
