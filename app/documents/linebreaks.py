"""Where a line of Chinese may end: closing marks never start a line, opening marks never end one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

NEVER_FIRST = frozenset("、。，．：；？！‥…—～·’”）〕］｝〉》」』】〗〙,.:;?!)]}%％‰℃°′″ー々‧・")
NEVER_LAST = frozenset("《〈「『【〖（〔［｛‘“([{￥¥$＄£￡#＃№@")
SPACES = frozenset(" \u00a0\u3000")
_FUZZ = 1e-6  # widths are sums of fractions: a line that fits exactly must not break
_LEAST_LEFT = 6  # a line keeps at least so many characters when it gives one away


@dataclass(frozen=True)
class Line:
    """A line of characters [start, end); `used` is its width without the spaces at its end."""

    start: int
    end: int
    used: float
    forced: bool  # ended by a line break in the text, not by its width


def may_break(before: str, after: str) -> bool:
    """Whether a line may end after `before` when `after` comes next."""
    if after in SPACES or after in NEVER_FIRST or before in NEVER_LAST:
        return False
    return before in SPACES or not (is_narrow(before) and is_narrow(after))


def is_narrow(character: str) -> bool:
    """Letters and figures of a word, a number, an address: these stay together."""
    return bool(character) and east_asian_width(character) in ("Na", "N", "H")


def break_lines(
    characters: Sequence[str], widths: Sequence[float], forced: Sequence[bool], line_widths: Sequence[float]
) -> list[Line]:
    """Lay characters into lines; nothing is ever wider than its line.

    Args:
        characters: the text, one entry each; an empty entry is something without text (a break, a picture).
        widths: of each character, in points.
        forced: whether the line ends after this entry whatever its width.
        line_widths: of each line, in points; the last one holds for all that follow.
    """
    lines: list[Line] = []
    start = 0
    while start < len(characters):
        limit = line_widths[min(len(lines), len(line_widths) - 1)] + _FUZZ
        line = _next_line(characters, widths, forced, start, limit)
        if lines and not lines[-1].forced and _is_lonely(characters[line.start : line.end]):
            line = _keep_company(characters, widths, lines, line, limit)
        lines.append(line)
        start = line.end
    return lines


def _is_lonely(characters: Sequence[str]) -> bool:
    # One character with its full stop, or the full stop alone.
    return sum(1 for c in characters if c and c not in SPACES and c not in NEVER_FIRST) < 2


def _keep_company(
    characters: Sequence[str], widths: Sequence[float], lines: list[Line], last: Line, limit: float
) -> Line:
    """Let the line before give one more character (or word) to a last line that has only one."""
    before = lines[-1]
    start = _last_opportunity(characters, before.start, before.end - 1)
    if start is None:
        return last
    width = _width(characters, widths, start, last.end)
    if before.end - start > 4 or start - before.start < _LEAST_LEFT or width > limit:
        return last
    lines[-1] = Line(before.start, start, _width(characters, widths, before.start, start), forced=False)
    return Line(start, last.end, width, last.forced)


def _next_line(
    characters: Sequence[str], widths: Sequence[float], forced: Sequence[bool], start: int, limit: float
) -> Line:
    total, used, place = 0.0, 0.0, start
    while place < len(characters):
        total += widths[place]
        if characters[place] not in SPACES:  # spaces at the end of a line need no room
            if total > limit and place > start:
                # A word wider than the line is cut rather than run off the page.
                end = _last_opportunity(characters, start, place) or place
                return Line(start, end, _width(characters, widths, start, end), forced=False)
            used = total
        place += 1
        if forced[place - 1]:
            return Line(start, place, used, forced=True)
    return Line(start, place, used, forced=False)


def _last_opportunity(characters: Sequence[str], start: int, overflow: int) -> int | None:
    for end in range(overflow, start, -1):
        before, after = characters[end - 1], characters[end]
        if not before or not after or may_break(before, after):
            return end
    return None


def _width(characters: Sequence[str], widths: Sequence[float], start: int, end: int) -> float:
    while end > start and characters[end - 1] in SPACES:
        end -= 1
    return sum(widths[start:end])
