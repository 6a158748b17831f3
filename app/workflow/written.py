"""Who has just changed something sees it: up to where a standby must have come before they are shown lists from there.

What is noted stands in Redis until no standby that is asked at all can be without it. Where Redis does not answer, or
was wiped since, nothing is known: then the database itself is asked, for as long as a note would have been kept.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, Final

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.base.database import session
from app.base.replicas import place_now
from app.base.settings import settings
from app.workflow import queues

log = logging.getLogger(__name__)
_KNOWN, _UNSURE, _OF = "written:known", "written:unsure", "written:%d"
_BEYOND: Final = 2**62  # no standby comes so far
_MORE: Final = 5  # seconds: a look at a standby is a little old itself
_RAISE = """
if tonumber(redis.call('get', KEYS[1]) or '0') < tonumber(ARGV[1]) then
    redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
"""


def note(user_id: int) -> None:
    """This account has changed something, which is committed. Costs nothing where there are no standbys."""
    if not settings().read_urls:
        return
    try:
        place = place_now()
    except SQLAlchemyError as error:
        log.warning("where the log stands could not be asked: %s", error)
        session.rollback()
        place = _BEYOND
    with suppress(RedisError):
        queues.redis().eval(_RAISE, 1, _OF % user_id, str(place), str(_kept_for()))


def written_by(user_id: int) -> int | None:
    """Up to where this account has written lately, 0 for nowhere; None where that is not known."""
    link = queues.redis()
    try:
        found: Any = link.mget(_KNOWN, _UNSURE, _OF % user_id)
        known, unsure, place = found
        if known is None:
            with link.pipeline() as both:  # as one: nobody sees that it is known and not how well
                both.set(_UNSURE, 1, ex=_kept_for())
                both.set(_KNOWN, 1)
                both.execute()
    except RedisError:
        return None
    return None if known is None or unsure is not None else int(place or 0)


def _kept_for() -> int:
    return settings().read_seconds + _MORE
