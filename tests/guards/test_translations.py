"""Every text of the program has its Chinese, and what is compiled is what is written."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from trial.texts import compile_catalogues

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "translations" / "zh" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}
_PLACE = re.compile(r"%\((\w+)\)[sd]")
# Names and signs that are the same in both languages.
_WITHOUT_CHINESE = re.compile(r"^[\W\d_A-Z]*$|^(PDF|Excel|JSON|API|SMS|EMS|URL|ID)$")


@cache
def used() -> frozenset[str | tuple[str, ...]]:
    """The msgids in code and templates, as babel.cfg says where to look."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_ours)
    return frozenset(message for _, _, message, *_ in found if message)


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith(".") and Path(folder).name not in {"var", "tests", "node_modules"}


@cache
def catalogue() -> Catalog:
    """The Chinese catalogue."""
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def _texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else [str(text) for text in message.string]


def test_every_text_has_its_chinese() -> None:
    missing = []
    for key in used():
        message = catalogue().get(key if isinstance(key, str) else key[0])
        if message is None or message.fuzzy or not all(_texts(message)):
            missing.append(key)
    assert not missing, f"{len(missing)} texts without Chinese (make i18n, then fill in messages.po): {missing}"


def test_placeholders_of_both_languages_are_the_same() -> None:
    wrong = []
    for message in catalogue():
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        wrong += [source for text in _texts(message) if set(_PLACE.findall(text)) - set(_PLACE.findall(source))]
    assert not wrong


def test_compiled_catalogue_is_up_to_date() -> None:
    compile_catalogues(ROOT)  # as every start does; the compiled file is not in the repository
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    assert (FOLDER / "messages.mo").read_bytes() == compiled.getvalue(), "run make i18n"


def test_chinese_texts_are_chinese() -> None:
    english = [
        message.id
        for message in catalogue()
        if message.id
        and not any("\u4e00" <= sign <= "\u9fff" for sign in "".join(_texts(message)))
        and not all(_WITHOUT_CHINESE.match(_PLACE.sub("", text)) for text in _texts(message))
    ]
    assert not english
