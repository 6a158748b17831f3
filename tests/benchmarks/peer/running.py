"""Django set up beside the program, in this process."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.house import House
from tests.benchmarks.peer import COUNTRY, NAME, OURS, OWN, PROVINCE, SCHOOL, UNIT, scopes


class Router:
    """The peer's models are in our database, read only by being asked nothing else; all others in Django's own."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        """Django's hook."""
        return OURS if model._meta.app_label == NAME else OWN

    db_for_write = db_for_read

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool:
        """Django's hook."""
        return True

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Nothing is ever made in our database."""
        return db == OWN and app_label != NAME


class Peer:
    """Django with its admin; `browser("peer-school")` is logged in."""

    def __init__(self, house: House, *, school: int, province: int, unit: int) -> None:
        scopes[SCHOOL], scopes[PROVINCE] = {"school_id": school}, {"province_id": province}
        scopes[COUNTRY], scopes[UNIT] = {}, {"employer_id": unit}
        _make_database(house)
        configure(house.address)
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        _accounts()

    def browser(self, username: str) -> Any:
        """A browser in which this account is logged in."""
        from django.contrib.auth import get_user_model
        from django.test import Client

        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        return client


def _make_database(house: House) -> None:
    with psycopg.connect(house.address, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME}")  # type: ignore[arg-type]


def configure(address: str) -> None:
    """Set Django up for the database at this address, once."""
    import django
    from django.conf import settings

    place = conninfo_to_dict(address)
    server = {"ENGINE": "django.db.backends.postgresql", "HOST": place["host"], "USER": place["user"]}
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        DATABASES={
            OWN: {**server, "NAME": NAME, "CONN_MAX_AGE": None},
            OURS: {**server, "NAME": place["dbname"], "CONN_MAX_AGE": None},
        },
        DATABASE_ROUTERS=[f"{__name__}.Router"],
        INSTALLED_APPS=[
            *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
            *("django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles"),
            "tests.benchmarks.peer.apps.Peer",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        ROOT_URLCONF="tests.benchmarks.peer.urls",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        STATIC_URL="/static/",
        LANGUAGE_CODE="zh-hans",
        TIME_ZONE="Asia/Shanghai",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _accounts() -> None:
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    for username in scopes:
        if not users.filter(username=username).exists():
            users.create_superuser(username, password=None)
