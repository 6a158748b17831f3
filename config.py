"""Settings from the environment, validated; production refuses to start half-configured."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VERSION = "0.1.0"  # as pyproject.toml says it
FONTS = tuple(
    ROOT / "app" / "documents" / "fonts" / name for name in ("NotoSerifSC-Regular.ttf", "NotoSansSC-Bold.ttf")
)


class SettingsError(SystemExit):
    """A setting is missing or wrong; the message is one clear line."""


@dataclass(frozen=True)
class IdentityProvider:
    """An OpenID Connect provider through which graduates may come, and what it calls the facts that are needed."""

    issuer: str
    client_id: str
    client_secret: str
    label: str  # on the button; "" = the product's own words
    scope: str
    claims: Mapping[str, str]  # name, id_number, mobile, email -> the provider's claim


@dataclass(frozen=True)
class Settings:
    """Everything the program reads from outside, once, at start."""

    app_env: str
    secret_key: str
    data_keys: tuple[bytes, ...]  # by which personal data are sealed: the first for new values, each for old ones
    database_url: str
    redis_url: str
    var_dir: Path
    public_url: str
    ems_url: str
    ems_token: str
    metrics_token: str  # who watches the platform names it; without it there are no figures of its work
    ems_public_url: str
    service_phone: str
    payments: Mapping[
        str, str
    ]  # PAYMENT_ADAPTER and PAYMENT_ACCOUNT: how and from which account units are remitted to (R5.3)
    trusted_proxies: int  # how many proxies of our own stand before us
    cohort_switch: tuple[int, int]  # month and day on which the next cohort becomes the current one (R4.3)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)  # for those who declare settings of their own
    # endpoint, bucket, key, secret (region): files go to an S3-compatible store; empty: to VAR_DIR/files.
    s3: Mapping[str, str] = field(default_factory=dict)
    oidc: IdentityProvider | None = None
    # Certificate and key with which agreements are sealed (R9.4): PEM files, or twice the same PKCS#12 file.
    seal: tuple[Path, Path] | None = None
    seal_password: str = field(default="", repr=False)  # of the encrypted key
    # Who keeps the key of the seal and signs with it in our place: address and password.
    seal_service: tuple[str, str] | None = field(default=None, repr=False)
    # How a paper declares whole signatures that the service makes by SM2 (/SubFilter); empty: it signs by RSA or ECDSA.
    seal_subfilter: str = ""
    # Where a token keeps it (PKCS#11): the maker's library, the labels of token and key, the PIN.
    seal_token: tuple[Path, str, str, str] | None = field(default=None, repr=False)
    # Who stamps the time of the seal (RFC 3161): address, and the certificates by which the stamps are known.
    seal_tsa: tuple[str, Path] | None = None
    seal_former: Path | None = None  # certificates (PEM) with which they were sealed before
    extensions: tuple[str, ...] = ()  # modules beside the product whose register(app) is called
    direct_url: str = ""  # past a pooler that gives each transaction another connection; empty where there is none
    read_urls: tuple[str, ...] = ()  # of standbys that lists, figures and downloads may be read from
    read_seconds: int = 10  # one that is further behind is not asked
    second_factor_required: bool = False  # staff without one do nothing but set it up
    register_url: str = ""  # the company register (R8.10); without it reviewers get the manual link
    # With what histories are sealed, the first for new rows; empty: with what follows from DATA_KEY.
    chain_keys: tuple[bytes, ...] = ()
    index_key: bytes = b""  # of the blind indexes; empty: what follows from DATA_KEY
    audit_days: int = 730  # how long lines of the audit trail are kept
    password_hash: str = "scrypt:32768:8:1"  # noqa: S105 - as werkzeug names it: N, block size, lanes
    verification_months: int = 12  # so long a unit's verification holds; 0: for ever
    reminder_days: int = 3  # so long a school reminds nobody a second time
    undo_seconds: int = 10  # so long a verdict can be taken back, and nothing of it leaves
    languages: tuple[str, ...] = ("zh",)  # the catalogues that are offered; the first one for whoever asks for no other
    language_by_browser: bool = True  # whether a browser's wish counts until its reader has chosen

    @property
    def is_production(self) -> bool:
        """Whether real people's data are at stake: no defaults, secure cookies."""
        return self.app_env == "production"

    @property
    def data_key(self) -> bytes:
        """The oldest key: what is never made anew (search indexes, seals of histories) follows from it."""
        return self.data_keys[-1]

    @property
    def psycopg_url(self) -> str:
        """The database's address as psycopg itself wants it."""
        return self.database_url.replace("+psycopg", "", 1)

    @property
    def direct_psycopg_url(self) -> str:
        """The same past a pooler, for what needs a connection to itself."""
        return (self.direct_url or self.database_url).replace("+psycopg", "", 1)

    def beginning_with(self, prefix: str) -> dict[str, str]:
        """The settings of one part of the program: what nobody else has to know by name."""
        return _beginning_with(prefix, self.environ)


# How the published secrets of the trial begin, in clear and in base64; production must bring its own.
_PUBLISHED = ("trial-only", "dHJpYWwtb25se")


def settings_from(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises SettingsError with one line naming the variable and what to do.
    """
    env = dict(os.environ if environ is None else environ)
    app_env = env.get("APP_ENV", "trial")
    if app_env not in {"production", "trial", "test"}:
        raise SettingsError(f"APP_ENV must be production, trial or test, not {app_env!r}.")
    if app_env == "production":
        _demand_fonts()
    else:
        env = {**_trial_defaults(env), **env}
    return Settings(
        app_env=app_env,
        secret_key=_secret(env, "SECRET_KEY"),
        data_keys=_data_keys(env),
        database_url=_database_url(_required(env, "DATABASE_URL"), "DATABASE_URL"),
        direct_url=_database_url(env.get("DATABASE_DIRECT_URL", "").strip(), "DATABASE_DIRECT_URL"),
        read_urls=tuple(_database_url(one, "DATABASE_READ_URL") for one in env.get("DATABASE_READ_URL", "").split()),
        read_seconds=_read_seconds(env),
        redis_url=_required(env, "REDIS_URL"),
        var_dir=Path(env.get("VAR_DIR", ROOT / "var")).absolute(),
        public_url=_required(env, "PUBLIC_URL").rstrip("/"),
        ems_url=_required(env, "EMS_URL").rstrip("/"),
        ems_token=_secret(env, "EMS_TOKEN"),
        metrics_token=_secret(env, "METRICS_TOKEN") if env.get("METRICS_TOKEN") else "",
        ems_public_url=env.get("EMS_PUBLIC_URL", env["EMS_URL"]).rstrip("/"),
        service_phone=_required(env, "SERVICE_PHONE"),
        payments=_beginning_with("PAYMENT_", env),
        trusted_proxies=_count(env, "TRUSTED_PROXIES"),
        cohort_switch=_day_of_year(env.get("COHORT_SWITCH", "09-01")),
        s3=_s3(env),
        environ=env,
        oidc=_identity_provider(env, app_env),
        seal=_seal(env),
        seal_password=env.get("SEAL_KEY_PASSWORD", ""),
        seal_service=_seal_service(env),
        seal_subfilter=_seal_subfilter(env),
        seal_token=_seal_token(env),
        seal_tsa=_seal_tsa(env),
        seal_former=_seal_former(env),
        extensions=tuple(env.get("EXTENSIONS", "").split()),
        second_factor_required=_second_factor(env, app_env),
        register_url=_register_url(env),
        chain_keys=tuple(_key(text, "CHAIN_KEYS") for text in env.get("CHAIN_KEYS", "").split()),
        index_key=_key(env["INDEX_KEY"].strip(), "INDEX_KEY") if env.get("INDEX_KEY", "").strip() else b"",
        audit_days=_audit_days(env),
        password_hash=_password_hash(env, is_production=app_env == "production"),
        verification_months=_count({"VERIFICATION_MONTHS": "12", **env}, "VERIFICATION_MONTHS"),
        reminder_days=_reminder_days(env),
        undo_seconds=_count({"UNDO_SECONDS": "10", **env}, "UNDO_SECONDS"),
        languages=_languages(env),
        language_by_browser=_count({"LANGUAGE_BY_BROWSER": "1", **env}, "LANGUAGE_BY_BROWSER") > 0,
    )


def _beginning_with(prefix: str, env: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in env.items() if name.startswith(prefix)}


def _trial_defaults(env: Mapping[str, str]) -> dict[str, str]:
    """What may be left out beside the trial; asked for nowhere else, since production runs without that folder."""
    try:
        from trial.settings import defaults
    except ModuleNotFoundError as error:
        raise SettingsError(f"APP_ENV must be production where the trial is not installed ({error}).") from None
    return defaults(env)


def _s3(env: Mapping[str, str]) -> dict[str, str]:
    """The store of the files: all of it or nothing."""
    needed = ("S3_ENDPOINT", "S3_BUCKET", "S3_KEY", "S3_SECRET")
    found = {name: env.get(name, "").strip() for name in (*needed, "S3_REGION")}
    if not any(found.values()):
        return {}
    for name in needed:
        if not found[name]:
            raise SettingsError(f"{name} is not set: files in an S3 store need {', '.join(needed)}.")
    return {name.removeprefix("S3_").lower(): value for name, value in found.items() if value}


_KEPT_ELSEWHERE = ("SEAL_SERVICE_URL", "SEAL_PKCS11_MODULE")  # with one of them no SEAL_KEY is needed


def _seal(env: Mapping[str, str]) -> tuple[Path, Path] | None:
    """Certificate and key of the seal: both or neither, and readable; a PKCS#12 file (.p12, .pfx) is both."""
    names = ("SEAL_CERTIFICATE", "SEAL_KEY")
    values = [env.get(name, "").strip() for name in names]
    elsewhere = any(env.get(name, "").strip() for name in _KEPT_ELSEWHERE)
    if values[0] and not values[1] and (values[0].endswith((".p12", ".pfx")) or elsewhere):
        values[1] = values[0]
    if not any(values):
        return None
    for name, value in zip(names, values, strict=True):
        if not value or not os.access(value, os.R_OK):
            raise SettingsError(f"{name} must name a file that can be read: sealing needs {' and '.join(names)}.")
    return Path(values[0]), Path(values[1])


def _seal_service(env: Mapping[str, str]) -> tuple[str, str] | None:
    """Who keeps the key of the seal and signs with it, and by what it knows us; the certificate stands here."""
    url, token = (env.get(name, "").strip() for name in ("SEAL_SERVICE_URL", "SEAL_SERVICE_TOKEN"))
    if not url:
        return None
    if not url.startswith(("http://", "https://")) or not token:
        raise SettingsError("SEAL_SERVICE_URL must be an address (http or https), and SEAL_SERVICE_TOKEN its password.")
    _demand_certificate_alone(env, "SEAL_SERVICE_URL")
    return url.rstrip("/"), token


def _seal_subfilter(env: Mapping[str, str]) -> str:
    """The name under which a paper holds the containers of a service; a time stamp would be the service's own."""
    name = env.get("SEAL_SERVICE_SUBFILTER", "").strip()
    if name and not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
        raise SettingsError("SEAL_SERVICE_SUBFILTER must be a name of letters, figures, dots and hyphens.")
    if name and not env.get("SEAL_SERVICE_URL", "").strip():
        raise SettingsError("SEAL_SERVICE_SUBFILTER says what SEAL_SERVICE_URL makes; that is not set.")
    if name and env.get("SEAL_TSA_URL", "").strip():
        raise SettingsError("With SEAL_SERVICE_SUBFILTER the service stamps the time itself; SEAL_TSA_URL is not set.")
    return name


def _seal_token(env: Mapping[str, str]) -> tuple[Path, str, str, str] | None:
    """The token that keeps the key of the seal; the certificate stands here. All of it or nothing."""
    names = [f"SEAL_PKCS11_{name}" for name in ("MODULE", "TOKEN", "KEY", "PIN")]
    module, token, key, pin = (env.get(name, "").strip() for name in names)
    if not module:
        return None
    if not os.access(module, os.R_OK):
        raise SettingsError("SEAL_PKCS11_MODULE must name the library (.so) of the token's maker; it cannot be read.")
    if not (token and key and pin):
        raise SettingsError(f"A token that keeps the key of the seal needs {', '.join(names)}.")
    if env.get("SEAL_SERVICE_URL", "").strip():
        raise SettingsError("SEAL_PKCS11_MODULE and SEAL_SERVICE_URL are two keepers of one key: set one of them.")
    _demand_certificate_alone(env, "SEAL_PKCS11_MODULE")
    return Path(module), token, key, pin


def _demand_certificate_alone(env: Mapping[str, str], keeper: str) -> None:
    if not env.get("SEAL_CERTIFICATE", "").strip() or env.get("SEAL_KEY", "").strip():
        raise SettingsError(f"With {keeper} the certificate stands in SEAL_CERTIFICATE, and SEAL_KEY is not set.")


def _seal_tsa(env: Mapping[str, str]) -> tuple[str, Path] | None:
    """Who stamps the time: the address and the certificates, or neither."""
    url, file = (env.get(name, "").strip() for name in ("SEAL_TSA_URL", "SEAL_TSA_CERTIFICATES"))
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise SettingsError("SEAL_TSA_URL must be the address (http or https) of a time stamping authority.")
    if not file or not os.access(file, os.R_OK):
        raise SettingsError("SEAL_TSA_CERTIFICATES must name a PEM file with the certificates of SEAL_TSA_URL.")
    return url, Path(file)


def _seal_former(env: Mapping[str, str]) -> Path | None:
    """The certificates of earlier seals, so that what they sealed goes on being known as ours."""
    value = env.get("SEAL_FORMER", "").strip()
    if value and not os.access(value, os.R_OK):
        raise SettingsError("SEAL_FORMER must name a PEM file with the former certificates that can be read.")
    return Path(value) if value else None


def flask_config(settings: Settings) -> dict[str, object]:
    """The Flask and FAB configuration that follows from the settings."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # All pages and steps together send some 1,300 different statements; what is not kept is put together anew.
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": 8,
            "max_overflow": 8,
            "query_cache_size": 1500,
            "hide_parameters": True,  # what an error says may be read by those who keep the logs
            **_pooled(settings),
        },
        "TESTING": settings.app_env == "test",
        "BABEL_DEFAULT_LOCALE": settings.languages[0],
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_DEFAULT_FOLDER": "translations",
        "BABEL_TRANSLATION_DIRECTORIES": f"{ROOT / 'translations'}",
        "LANGUAGES": {one: {"flag": one, "name": one} for one in settings.languages},
        "AUTH_TYPE": 1,
        "AUTH_USER_REGISTRATION": False,
        "AUTH_ROLE_ADMIN": "Operator",
        "FAB_API_SWAGGER_UI": True,
        "FAB_ADD_SECURITY_API": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_API_MAX_PAGE_SIZE": 200,
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=90),  # of the cookie: sessions are rows and end there
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=1),
    }


def _pooled(settings: Settings) -> dict[str, object]:
    """Behind a pooler each transaction may be on another connection, which knows no prepared statement of ours."""
    return {"connect_args": {"prepare_threshold": None}} if settings.direct_url else {}


def demand_database(settings: Settings) -> None:
    """Refuse to start, in one line, when the database does not answer; asked once at a production start."""
    import psycopg

    try:
        psycopg.connect(settings.psycopg_url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise SettingsError(f"DATABASE_URL: the database does not answer ({reason}).") from None


def _demand_fonts() -> None:
    for font in FONTS:
        if not font.is_file():
            raise SettingsError(f"The font {font.name} is missing: without it no agreement can be printed.")


def _day_of_year(text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2027-{text}")
    except ValueError:
        raise SettingsError(f"COHORT_SWITCH must be a day such as 09-01, not {text!r}.") from None
    return day.month, day.day


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: production needs it in the environment.")
    return value


# What a provider that keeps to the standard calls the facts; an ID number has no standard name.
_CLAIMS = {"name": "name", "id_number": "id_number", "mobile": "phone_number", "email": "email"}


def _identity_provider(env: Mapping[str, str], app_env: str) -> IdentityProvider | None:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    values = [env.get(name, "").strip() for name in names]
    if not any(values):
        return None
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing:
        raise SettingsError(f"The identity provider is configured by half: {', '.join(missing)} is missing.")
    issuer = values[0].rstrip("/")
    if not issuer.startswith("https://" if app_env == "production" else ("https://", "http://")):
        raise SettingsError("OIDC_ISSUER must be an https address: ID numbers come from there.")
    return IdentityProvider(
        issuer,
        values[1],
        values[2],
        label=env.get("OIDC_LABEL", "").strip(),
        scope=env.get("OIDC_SCOPE", "openid profile email phone").strip(),
        claims={fact: env.get(f"OIDC_CLAIM_{fact.upper()}", "").strip() or name for fact, name in _CLAIMS.items()},
    )


def _languages(env: Mapping[str, str]) -> tuple[str, ...]:
    """Languages that have a catalogue; the texts in the program are English."""
    named = tuple(env.get("LANGUAGES", "zh").split()) or ("zh",)
    for one in named:
        if one != "en" and not (ROOT / "translations" / one / "LC_MESSAGES" / "messages.po").is_file():
            raise SettingsError(f"LANGUAGES names {one!r}, which has no catalogue in translations/.")
    return named


def _second_factor(env: Mapping[str, str], app_env: str) -> bool:
    named = env.get("STAFF_SECOND_FACTOR", "").strip() or ("required" if app_env == "production" else "optional")
    if named not in {"required", "optional"}:
        raise SettingsError(f"STAFF_SECOND_FACTOR must be required or optional, not {named!r}.")
    return named == "required"


def _register_url(env: Mapping[str, str]) -> str:
    url = env.get("REGISTER_URL", "").strip().rstrip("/")
    if url and not url.startswith(("https://", "http://")):
        raise SettingsError(f"REGISTER_URL must be an http address, not {url!r}; leave it out where there is none.")
    return url


def _count(env: Mapping[str, str], name: str) -> int:
    text = env.get(name, "0").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise SettingsError(f"{name} must be a small whole number, not {text!r}.")
    return int(text)


def _read_seconds(env: Mapping[str, str]) -> int:
    seconds = _count({"DATABASE_READ_LAG": "10", **env}, "DATABASE_READ_LAG")
    if seconds < 1:
        raise SettingsError("DATABASE_READ_LAG must be at least 1 second: a standby is always a little behind.")
    return seconds


def _reminder_days(env: Mapping[str, str]) -> int:
    days = _count({"REMINDER_DAYS": "3", **env}, "REMINDER_DAYS")
    if days < 1:
        raise SettingsError("REMINDER_DAYS must be at least 1: nobody is reminded twice a day.")
    return days


def _secret(env: Mapping[str, str], name: str) -> str:
    value = _required(env, name)
    if env.get("APP_ENV") == "production" and (len(value) < 16 or value.startswith(_PUBLISHED)):
        raise SettingsError(f"{name} is too short or the published trial value: use 16 or more random characters.")
    return value


def _data_keys(env: Mapping[str, str]) -> tuple[bytes, ...]:
    named = _required(env, "DATA_KEY").split()
    return tuple(_key(_secret({**env, "DATA_KEY": one}, "DATA_KEY"), "DATA_KEY") for one in named)


def _key(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise SettingsError(f"{name} is not base64: make one with `openssl rand -base64 32`.") from None
    if len(key) != 32:
        raise SettingsError(f"{name} must be 32 bytes in base64: make one with `openssl rand -base64 32`.")
    return key


_SHORTEST_AUDIT = 180  # days


_FEWEST_ROUNDS = 512  # below this werkzeug gives scrypt less memory than it needs


def _password_hash(env: Mapping[str, str], *, is_production: bool) -> str:
    """How costly a password is to try: scrypt alone, and for real people never cheaper than the default."""
    text = env.get("PASSWORD_HASH", "").strip() or Settings.password_hash
    numbers = re.fullmatch(r"scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})", text)
    costs = [int(one) for one in numbers.groups()] if numbers else []
    if not costs or min(costs) < 1 or costs[0] < _FEWEST_ROUNDS or costs[0] & (costs[0] - 1):
        raise SettingsError(
            f"PASSWORD_HASH must be scrypt:N:r:p with N a power of 2 from {_FEWEST_ROUNDS} on, not {text!r}."
        )
    least = [int(one) for one in Settings.password_hash.split(":")[1:]]
    if is_production and any(mine < wanted for mine, wanted in zip(costs, least, strict=True)):
        raise SettingsError(f"PASSWORD_HASH must not be cheaper than {Settings.password_hash} in production.")
    return text


def _audit_days(env: Mapping[str, str]) -> int:
    text = env.get("AUDIT_DAYS", "730").strip()
    if not (text.isascii() and text.isdigit() and _SHORTEST_AUDIT <= int(text) < 100_000):
        raise SettingsError(f"AUDIT_DAYS must be a number of days, at least {_SHORTEST_AUDIT}, not {text!r}.")
    return int(text)


def _database_url(url: str, name: str) -> str:
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url and not url.startswith("postgresql+psycopg://"):
        raise SettingsError(f"{name} must be a PostgreSQL address (postgresql://user@host/name).")
    return url
