"""What every test can ask for; the fixtures themselves are in tests/fixtures/.

| fixture | gives |
| --- | --- |
| `app`, `client`, `api("school10001")` | the application on demonstration data, a stranger, an account at the API |
| `bilingual` | the application with English offered beside Chinese |
| `app_context`, `actor_of("employer1")` | for tests of services: a pushed context, the actor behind an account |
| `in_hand(…)`, `no_phone` | codes for what binds a graduate; without them tests have the phone at hand |
| `undone` | a test in one transaction that is rolled back |
| `drain()` | delivers outbox and queues in this process, returns how many messages |
| `ems` | the running stand-in of the employment system (`ems.fault("down")`, `ems.http`) |
| `sql` | a plain psycopg connection beside the program |
| `fresh_database`, `empty_database` | the data anew for one test; a database without tables |
| `plain_app`, `browse("school10001")` | the base classes of lists on views of their own |
| `live_server`, `start_worker("ems")` | real servers and workers as processes |
| `desk("employer1")`, `phone("graduate1")`, `axe(page)` | pages at 1280 and 390 px, logged in; accessibility rules |
| `postgres`, `valkey` | the embedded servers themselves |

Each test process has servers of its own; each module starts from a copy of the demonstration data.
"""

from __future__ import annotations

from app.base.settings import use_settings
from config import settings_from

# Tests are collected before there is an application, and some list cases of the current cohort.
use_settings(settings_from({"APP_ENV": "test", "DATABASE_URL": "postgresql://nobody@localhost/none"}))

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.application",
    "tests.fixtures.undoing",
    "tests.fixtures.plain",
    "tests.fixtures.phone",
    "tests.fixtures.servers",
    "tests.fixtures.browser",
]
