"""Notices on their way to the providers: what one worker hands over in a second, by each channel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from tests.benchmarks.house import House
from tests.benchmarks.providers import PAUSE, Providers, running_providers

NOTICES = 200
_CHANNELS = ("sms", "wechat", "email")


def sending(house: House) -> str:
    """So many notices by each channel, as the jobs of one worker hand them to providers that answer after a while."""
    with running_providers() as providers, _in_use(providers):
        rates = {name: _rate(house, name) for name in _CHANNELS}
    told = ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items())
    return f"Notices handed to providers that answer after {PAUSE * 1000:.0f} ms, a second and worker: {told}."


@contextmanager
def _in_use(providers: Providers) -> Iterator[None]:
    """The real clients, talking to these providers."""
    from app.base.settings import settings, use_settings
    from config import settings_from

    kept, url = settings(), f"http://127.0.0.1:{providers.http}"
    sms = {"SMS_ACCESS_KEY": "AK", "SMS_ACCESS_SECRET": "SK", "SMS_SIGN_NAME": "就业平台", "SMS_TEMPLATE_CODE": "SMS_1"}
    wechat = {"WECHAT_APP_ID": "wx1", "WECHAT_APP_SECRET": "s", "WECHAT_TEMPLATE_ID": "TPL"}
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(providers.smtp), "SMTP_FROM": "sign@platform.example"}
    urls = {"SMS_BASE_URL": url, "WECHAT_BASE_URL": url, "SMTP_SECURITY": "none"}
    use_settings(settings_from({**os.environ, **sms, **wechat, **mail, **urls}))
    yield
    use_settings(kept)


def _rate(house: House, channel: str) -> float:
    from app.base.database import db
    from app.workflow import queues

    before = _sent(house, channel)  # by an earlier run on the same data
    with house.app.app_context():
        ids = _waiting(channel)
        queues.redis().flushall()
        begun = perf_counter()
        for part in _jobs(queues, ids):
            db.engine.dispose()
            _forked(part)
        seconds = perf_counter() - begun
    sent = _sent(house, channel) - before
    assert sent == len(ids), f"{channel}: {sent} of {len(ids)} were sent"
    return len(ids) / seconds


def _sent(house: House, channel: str) -> int:
    query = "SELECT count(*) FROM notice_deliveries WHERE channel = %s AND status = 'sent'"
    with house.connect() as connection:
        row = connection.execute(query, [channel]).fetchone()
    return int(row[0]) if row else 0


def _jobs(queues: Any, ids: Sequence[int]) -> Iterator[Sequence[int]]:
    size = queues.tickets_a_job("notices")
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _forked(part: Sequence[int]) -> None:
    """One job in a process of its own, as a worker does it."""
    from app.workflow.jobs import deliver_job

    if child := os.fork():
        os.waitpid(child, 0)
        return
    code = 1
    try:
        deliver_job([(one, 0) for one in part])
        code = 0
    finally:
        os._exit(code)


def _waiting(channel: str) -> list[int]:
    """Deliveries of as many readers, and the messages that are to send them."""
    from app.base import clock
    from app.base.database import session, transaction
    from app.notices.models import QUEUED, NoticeDelivery, Notification
    from app.workflow.models import OutboxMessage

    readers = _readers()
    fields = {"title": "签约信息有变更", "text": "您的签约信息有变更，请查看。", "template": "signing_category_changed"}
    with transaction():
        notices = [
            Notification(user_id=user, reader="graduate", event="bench", created_at=clock.now(), **fields)
            for user in readers
        ]
        session.add_all(notices)
        session.flush()
        facts = {"number": "1000227010000001", "school": "示范大学", "unit": "示范公司", "date": "2027-01-31"}
        rows = [
            NoticeDelivery(notification_id=one.id, channel=channel, facts=facts, status=QUEUED, address="x")
            for one in notices
        ]
        session.add_all(rows)
        session.flush()
        messages = [
            OutboxMessage(kind="channel", payload={"delivery_id": one.id}, key=f"channel:{one.id}") for one in rows
        ]
        session.add_all(messages)
        session.flush()
        return [one.id for one in messages]


def _readers() -> list[int]:
    """Graduates with an account, a number, an address and a bound WeChat."""
    from flask_appbuilder.security.sqla.models import User
    from sqlalchemy import select

    from app.access.accounts import create_account
    from app.access.actors import GRADUATE, SYSTEM
    from app.access.models import Account
    from app.base.database import session, transaction
    from app.notices.models import ChannelAddress
    from app.roster.models import Graduate

    with transaction():
        mine = select(Account.user_id).join(User, User.id == Account.user_id).where(User.username.like("bench-told%"))
        if found := session.scalars(mine.order_by(Account.user_id)).all():
            return list(found)
        known = select(Account.id).where(Account.person == Graduate.id_number_index)
        unknown = select(Graduate).where(~known.exists())
        people = session.scalars(unknown.order_by(Graduate.id.desc()).limit(NOTICES)).all()
        accounts = []
        for person in people:
            own: dict[str, Any] = {"person": person.id_number_index, "name": person.name, "password_hash": "!"}
            account = create_account(username=f"bench-told{person.id}", kind=GRADUATE, actor=SYSTEM, **own)
            account.mobile, account.email = f"138{person.id:08d}", "bench@mail.example"
            session.add(ChannelAddress(user_id=account.user_id, channel="wechat", address=f"oBENCH{person.id}"))
            accounts.append(account.user_id)
        return accounts


if __name__ == "__main__":
    from tests.benchmarks.house import built_house

    with built_house() as built:
        built.grow(2 * NOTICES)
        print(sending(built))
