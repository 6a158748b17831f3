"""A text of the agreement: lines of it, headings of its clauses, names between braces that each agreement fills in.

No code stands in a text: `{name}` is one of the macros of documents/_standard.html, everything else is printed as it is.

    what both sides want            paragraphs before the tables
    # heading                       a clause; it gets its number by its place
    The unit employs {name} …       its paragraphs, a line each
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape

from app.documents.typefaces import clean, unprintable
from app.documents.words import VERSIONS

FOLDER: Final = Path(__file__).parents[1] / "data" / "texts"
NEWEST: Final[str] = VERSIONS["agreement"]
FIRST: Final = "2026.2"  # of cases from before a case noted its text
LONGEST, LONGEST_PARAGRAPH, MOST_CLAUSES = 20_000, 800, 40
_SHORT: Final = 700  # a last clause of no more signs stays on one page with what is confirmed below it
_HEADING: Final = "#"
_NAME: Final = re.compile(r"\{([^{}\n]*)\}")
_TEMPLATE: Final = "documents/_standard.html"


@dataclass(frozen=True)
class Clause:
    """A clause as it is written, with its names between braces."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether it needs no page of its own."""
        return sum(map(len, self.paragraphs)) <= _SHORT


@dataclass(frozen=True)
class Wording:
    """A version of the text."""

    version: str
    opening: tuple[str, ...]
    clauses: tuple[Clause, ...]


def wording_of(text: str, version: str) -> Wording:
    """The text taken apart; it may be one that is still written."""
    opening: list[str] = []
    clauses: list[tuple[str, list[str]]] = []
    for line in filter(None, (line.strip() for line in clean(text).split("\n"))):
        if line.startswith(_HEADING):
            clauses.append((line.lstrip(_HEADING).strip(), []))
        else:
            (clauses[-1][1] if clauses else opening).append(line)
    return Wording(version, tuple(opening), tuple(Clause(title, tuple(lines)) for title, lines in clauses))


@cache
def platform_text(agreement_type: str, version: str = NEWEST) -> str:
    """The platform's own text; raises FileNotFoundError for a version that never was."""
    return (FOLDER / f"{agreement_type}.{version}.txt").read_text(encoding="utf-8")


@cache
def platform_wording(agreement_type: str, version: str) -> Wording:
    """The same taken apart."""
    return wording_of(platform_text(agreement_type, version), version)


@cache
def platform_versions(agreement_type: str) -> tuple[str, ...]:
    """Every version of the platform's text that papers may have been set with."""
    return tuple(sorted(path.stem.partition(".")[2] for path in FOLDER.glob(f"{agreement_type}.*.txt")))


def filler(context: Mapping[str, Any]) -> Callable[[str], Markup]:
    """What turns a paragraph into HTML by what was agreed: each name is looked up once, and what it says is not again."""
    agreement = context["agreement"]
    said = _standard()
    words = said.parties[agreement["agreement_type"]]

    def filled(paragraph: str) -> Markup:
        def told(found: re.Match[str]) -> str:
            return str(getattr(said, found[1])(agreement, words)).strip()

        return Markup(_NAME.sub(told, str(escape(paragraph))))  # noqa: S704 - text and macros are both escaped

    return filled


@cache
def _standard() -> Any:
    from app.documents.agreement import environment

    return environment().get_template(_TEMPLATE).module


@cache
def names() -> tuple[str, ...]:
    """Every name that a text may give between braces, in the order of an agreement."""
    from app.documents.agreement import TEMPLATES

    return tuple(re.findall(r"macro (\w+)\(agreement, words\)", (TEMPLATES / _TEMPLATE).read_text(encoding="utf-8")))


def required() -> list[str]:
    """The names without which a paper would lack what was agreed."""
    return list(_standard().required)


def faults(text: str) -> list[Any]:
    """What is wrong with a text, in words for who wrote it; a text without faults can be printed for any agreement."""
    wording = wording_of(text, "")
    used = _NAME.findall(text)
    found = [*_form_faults(wording), *_line_faults(text)]
    unknown = [name for name in dict.fromkeys(used) if name not in names()]
    if unknown:
        found.append(_("There are no such places to fill in: %(names)s.", names=_braced(unknown)))
    missing = [name for name in required() if used.count(name) != 1]
    if missing:
        found.append(_("Each of these must stand in the text exactly once: %(names)s.", names=_braced(missing)))
    if "{" in _NAME.sub("", text) or "}" in _NAME.sub("", text):
        found.append(_("A brace is open or stands alone. Please write {name} in one piece."))
    signs = unprintable(text)
    if signs:
        found.append(
            _("The agreement cannot be printed with: %(signs)s. Please remove them.", signs=" ".join(signs[:10]))
        )
    return found


def _form_faults(wording: Wording) -> list[Any]:
    if not wording.opening or not wording.clauses:
        return [_("The text needs an opening and clauses. A clause begins with a line of its own: # heading.")]
    found = []
    empty = [clause.title for clause in wording.clauses if not (clause.title and clause.paragraphs)]
    if empty:
        found.append(_("A clause needs a heading and words: %(names)s.", names=" / ".join(empty) or "#"))
    if len(wording.clauses) > MOST_CLAUSES:
        found.append(_("An agreement has at most %(most)s clauses.", most=MOST_CLAUSES))
    if any(_NAME.search(clause.title) for clause in wording.clauses):
        found.append(_("Headings hold no places to fill in."))
    return found


def _line_faults(text: str) -> list[Any]:
    lines = [line.strip() for line in text.split("\n")]
    found = []
    if any(len(line) > LONGEST_PARAGRAPH for line in lines):
        found.append(_("A paragraph has at most %(most)s characters.", most=LONGEST_PARAGRAPH))
    beside = [name for name in _standard().alone if any(f"{{{name}}}" in one and one != f"{{{name}}}" for one in lines)]
    if beside:
        found.append(_("These stand on a line of their own: %(names)s.", names=_braced(beside)))
    return found


def _braced(found: Sequence[str]) -> str:
    return " ".join(f"{{{name}}}" for name in found)
