"""What an installation is looked at for, one function a part; what each finds is a line for whoever runs it."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import Final

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from app.base import clock, standbys
from app.base.database import db, session
from app.base.outward import OutwardError
from app.base.redisaddress import sentinels_of
from app.base.sealkeys import seal_key
from app.base.settings import settings
from app.documents.sealing import SealUnavailable, sign
from app.documents.storage import storage
from app.keys.starting import demand_keys
from app.notices import channels
from app.notices.channels.development import DevelopmentChannel
from app.notices.messages import EMAIL, SMS
from app.operations.queries import has_operator
from app.web.health import parts_down
from app.workflow import queues
from app.workflow.models import OutboxMessage
from config import SettingsError

log = logging.getLogger(__name__)
OK, WARNING, WRONG = "ok", "warning", "wrong"
LABELS: Final = {OK: _l("well"), WARNING: _l("look at it"), WRONG: _l("wrong")}
_OLDEST_POSTGRES: Final = 150_000
_LEAST_ROOM: Final = 2 * 1024**3
_SOON_DAYS: Final = 30
_MOST_DRIFT: Final = 5.0  # seconds
_PROBLEMS: Final = {
    standbys.SILENT: _l("it does not answer, the database is asked instead"),
    standbys.LEADING: _l("it follows nobody (any more), the database is asked instead"),
    standbys.FOREIGN: _l("it follows another database, ours is asked instead"),
    standbys.OTHER_TABLES: _l("its tables are of another version, the database is asked instead"),
}


@dataclass(frozen=True)
class Finding:
    """What was found out about one part."""

    part: str
    state: str
    text: str


Found = tuple[str, str]


def findings() -> Iterator[Finding]:
    """One finding for each part, in the order in which they need each other; nothing is changed. For the command line.

    Without its database nothing else can be said.
    """
    for part, check in _CHECKS:
        if check is _standbys and not settings().read_urls:
            continue  # as most have it
        state, words = _tried(check)
        yield Finding(str(part), state, words)
        if check is _database and state == WRONG:
            return


def hindrances() -> Iterator[Finding]:
    """What keeps this process from serving anybody; nothing where it can. For balancers, who may ask at any time."""
    for part, check in _CHECKS:
        state, words = _tried(check, _kept_in_the_log) if check in _NEEDED else (OK, "")
        if state == WRONG:
            yield Finding(str(part), state, words)
            return  # without it nothing else can be said


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]


def _tried(check: Callable[[], Found], told: Callable[[BaseException], str] = _first_line) -> Found:
    """What a check has found; `told` says what went wrong where it did not come so far."""
    try:
        return check()
    except (Exception, SettingsError) as error:
        session.rollback()
        return WRONG, told(error)


def _kept_in_the_log(error: BaseException) -> str:
    """For strangers: our own words may be read, what another program says may name machines."""
    if isinstance(error, SettingsError):
        return str(error)
    log.warning("not ready: %s", error)
    return _("it does not answer, or is not what the settings say: see the log")


def _database() -> Found:
    version = int(str(session.scalar(text("SHOW server_version_num"))))
    words = f"PostgreSQL {version // 10_000}"
    if version < _OLDEST_POSTGRES:
        return WRONG, _("%(name)s is too old: 15 or newer is needed.", name=words)
    return OK, words


def _tables() -> Found:
    context = MigrationContext.configure(session.connection())
    has = context.get_current_revision()
    wanted = _newest_tables(current_app.extensions["migrate"].directory)
    if has != wanted and _serves_older(has, wanted):
        return WARNING, _("the tables stand at %(has)s already: this program is to be brought up to date", has=has)
    if has != wanted:
        return WRONG, _(
            "the tables stand at %(has)s, the program needs %(wanted)s: run flask setup", has=has, wanted=wanted
        )
    return OK, str(has)


def _serves_older(has: str | None, wanted: str | None) -> bool:
    """Whether newer tables say that the program of ours may go on with them (migrations/env.py)."""
    told = session.scalar(text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")) or ""
    oldest = told.removeprefix("serves ")
    if not (has and wanted and oldest.isdecimal()):
        return False
    return int(oldest) <= int(wanted[:4]) < int(has[:4])


@cache
def _newest_tables(folder: str) -> str | None:
    with Operations.context(MigrationContext.configure(session.connection())):  # some name constraints while being read
        return ScriptDirectory(folder).get_current_head()


def _standbys() -> Found:
    every = standbys.standings(db.engine)
    words = "; ".join(f"{one.name}: {_said(one)}" for one in every)
    return (WARNING if any(one.problem for one in every) else OK), words


def standbys_away() -> list[Finding]:
    """The standbys that are not read from now, and why; by number, since strangers are told of it."""
    found = enumerate(standbys.standings(db.engine), start=1) if settings().read_urls else ()
    return [
        Finding(_("standby %(number)s", number=number), WARNING, _said(one)) for number, one in found if one.problem
    ]


def _said(one: standbys.Standing) -> str:
    if one.problem in _PROBLEMS:
        return str(_PROBLEMS[one.problem])
    if one.problem:
        return _(
            "it is more than %(seconds)s seconds behind, the database is asked instead", seconds=settings().read_seconds
        )
    return _("lists, figures and downloads are read from it")


def _clocks() -> Found:
    theirs = session.scalar(select(func.clock_timestamp()))
    assert theirs is not None
    drift = abs((theirs.astimezone(UTC) - clock.now().astimezone(UTC)).total_seconds())
    if drift > _MOST_DRIFT:
        return WARNING, _(
            "the clocks of this machine and of the database differ by %(seconds)s seconds", seconds=int(drift)
        )
    return OK, _("as the database's")


def _redis() -> Found:
    version = str(queues.redis().info("server").get("redis_version"))
    away = [name for name, knows in sentinels_of(queues.redis()).items() if not knows]
    if away:
        return WARNING, _(
            "%(version)s; sentinels that do not know the master: %(names)s", version=version, names=" ".join(away)
        )
    return OK, version


def _keys() -> Found:
    demand_keys(settings())
    return OK, _("all that the data need are here")


def _operator() -> Found:
    if has_operator():
        return OK, _("there is one")
    return WRONG, _("nobody can log in yet: run flask setup --operator USERNAME")


def _processes() -> Found:
    down = [part for part in parts_down() if part not in ("database", "redis", "ems")]
    if down:
        return WARNING, _("not running: %(names)s", names=" ".join(down))
    return OK, _("workers of all queues and the clock")


def _files() -> Found:
    if settings().s3:
        storage().names("chain")
        return OK, settings().s3["endpoint"]
    folder = settings().var_dir
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    probe.write_bytes(b"")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    words = _("%(folder)s, %(room)s GB free", folder=folder, room=free // 1024**3)
    return (OK if free >= _LEAST_ROOM else WARNING), words


def _seal() -> Found:
    seal = seal_key()
    if seal is None:
        return WARNING, _("papers are not sealed: set SEAL_CERTIFICATE and SEAL_KEY")
    if seal.days_left < 0:
        return WRONG, _("the certificate has ended, nothing is sealed: put a new one in its place")
    try:
        sign(b"")  # who keeps the key may be away, or refuse us
    except SealUnavailable as refused:
        error = refused.__cause__
        reason = (error.detail or error.code) if isinstance(error, OutwardError) else refused.code
        return WRONG, _("who keeps the key of the seal does not sign, papers wait: %(reason)s", reason=reason)
    state = WARNING if seal.days_left < _SOON_DAYS else OK
    return state, _("the certificate is good for %(days)s days", days=seal.days_left)


def _address() -> Found:
    url, chosen = settings().public_url, settings()
    if chosen.is_production and not url.startswith("https://"):
        return WRONG, _("%(url)s: people must come by https", url=url)
    if chosen.is_production and not chosen.trusted_proxies:
        return WARNING, _("%(url)s, but TRUSTED_PROXIES is 0: behind a proxy all people seem to be one", url=url)
    return OK, url


def _messages() -> Found:
    missing = [name for name in (SMS, EMAIL) if channels.channel(name) is None]
    pretended = [name for name in (SMS, EMAIL) if isinstance(channels.channel(name), DevelopmentChannel)]
    if missing:
        return WARNING, _("without %(names)s nobody gets a code there", names=" ".join(missing))
    if pretended:
        return WARNING, _("%(names)s: shown on the page, nothing is really sent", names=" ".join(pretended))
    return OK, " ".join((SMS, EMAIL))


def _outbox() -> Found:
    failed = session.scalar(select(func.count()).where(OutboxMessage.status == "failed"))
    if failed:
        return WARNING, _("%(count)s messages were given up: operators see them on their home", count=failed)
    return OK, _("nothing was given up")


def _employment_system() -> Found:
    if "ems" in parts_down():
        return WARNING, _("%(url)s does not answer; what is to be reported waits", url=settings().ems_url)
    return OK, settings().ems_url


_CHECKS: Final = (
    (_l("database"), _database),
    (_l("tables"), _tables),
    (_l("clock of the machine"), _clocks),
    (_l("standbys"), _standbys),
    ("Redis", _redis),
    (_l("keys"), _keys),
    (_l("account of an operator"), _operator),
    (_l("processes"), _processes),
    (_l("files"), _files),
    (_l("seal"), _seal),
    (_l("public address"), _address),
    (_l("text messages and mail"), _messages),
    (_l("outbox"), _outbox),
    (_l("employment system"), _employment_system),
)
_NEEDED: Final = (_database, _tables, _keys)
