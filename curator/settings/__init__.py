"""Frozen settings, read once from `CURATOR_*` variables and checked before anything starts."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from curator.errors import SettingError
from curator.settings.backing import backing
from curator.settings.hooks import hooks
from curator.settings.imap import ImapUrl, imap_url
from curator.settings.keys import DkimKeyFile, dkim_keys, old_secret_keys, secret_key
from curator.settings.reading import (
    choice,
    domains,
    flag,
    folder,
    from_files,
    mailboxes,
    number,
    program,
    secret,
    web_address,
)
from curator.settings.transports import TransportUrl, domain_rates, smtp_url, tagged_address, transports

PREFIX = "CURATOR_"


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Units stand in the names; secrets are kept out of `repr`."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    bind_host: str = "127.0.0.1"
    bind_port: int = 8000
    smtp_url: str | None = field(default=None, repr=False)
    transports: tuple[TransportUrl, ...] = ()
    domain_rates: Mapping[str, float] = field(default_factory=dict)
    queue_url: str | None = field(default=None, repr=False)
    dkim_keys: tuple[DkimKeyFile, ...] = ()
    bounce_address: str | None = None
    bounce_maildir: Path | None = None
    bounce_mailbox: ImapUrl | None = None
    reply_address: str | None = None
    reply_maildir: Path | None = None
    reply_mailbox: ImapUrl | None = None
    # None: in the data folder. Where several machines serve pages it is a folder that all of them share.
    pictures_dir: Path | None = None
    # Where files of readers wait to be taken in; likewise.
    imports_dir: Path | None = None
    import_max_bytes: int = 2_000_000_000
    import_keep_days: int = 7
    trusted_proxies: int = 0
    allow_private_addresses: bool = False
    fetch_connect_s: float = 5.0
    fetch_read_s: float = 20.0
    fetch_total_s: float = 30.0
    fetch_max_bytes: int = 15_000_000
    polls: int = 8
    polls_per_host: int = 1
    worker_threads: int = 4
    senders: int = 1
    missed_slot_limit_hours: int = 24
    files_dir: Path | None = None
    download_link_days: int = 7
    keep_requests_days: int = 365
    # For how many days what runs leaves behind: lines about polls, jobs and alerts that ended, calls.
    keep_polls_days: int = 365
    keep_jobs_days: int = 14
    keep_alerts_days: int = 180
    keep_calls_days: int = 30
    # Domains of addresses that are thrown away, beside those that the house knows.
    disposable_domains: frozenset[str] = frozenset()
    # For how many months what names readers is kept; 0: for good.
    keep_events_months: int = 13
    keep_deliveries_months: int = 24
    keep_ended_months: int = 36
    keep_log_months: int = 24
    chromium: Path | None = None
    spamassassin: Path | None = None
    # What opens the doors of providers' webhooks; a door without its setting is not there.
    hook_ses_topics: tuple[str, ...] = ()
    hook_postmark: str = field(default="", repr=False)
    hook_mailgun_key: str = field(default="", repr=False)
    hook_sendgrid_key: str = field(default="", repr=False)
    log_format: str = "text"
    log_level: str = "info"
    # Who hears of alerts: these, else whoever owns the installation; and a chat room's or pager's URL.
    alert_addresses: tuple[str, ...] = ()
    alert_webhook_url: str | None = field(default=None, repr=False)
    alert_disk_free_mb: int = 2_000
    # Asked every minute while clock and sender are healthy.
    heartbeat_url: str | None = field(default=None, repr=False)
    # What a program has to bring that reads /metrics; without one only this machine may.
    metrics_token: str | None = field(default=None, repr=False)
    # Where a backup is made every night from an hour of UTC on, and how many stay; without a folder none is made.
    backup_dir: Path | None = None
    backup_hour: int = 3
    backup_keep: int = 14
    # Without it no key goes into a backup.
    backup_passphrase: str | None = field(default=None, repr=False)
    # Where the log of who left lies, apart from the database.
    leavings_dir: Path | None = None
    is_demo: bool = False

    @property
    def is_https(self) -> bool:
        """Whether readers and editors reach this installation over TLS (decides the cookies' Secure flag)."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Settings:
    """Returns the settings in `environ`, or raises SettingError with one line that names the wrong one.

    What is secret may stand in a file that NAME_FILE names. Without CURATOR_SECRET_KEY the key file `secret.key` in the
    data folder is read (`curator init` makes it).
    """
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value != ""}
    given = from_files(given, SECRETS)
    _refuse_unknown(given)
    data_dir = Path(given.get("CURATOR_DATA_DIR", "var")).expanduser()
    host, port = _bind(given.get("CURATOR_BIND", "127.0.0.1:8000"))
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(given.get("CURATOR_DATABASE_URL"), data_dir),
        secret_key=secret_key(given.get("CURATOR_SECRET_KEY"), data_dir),
        old_secret_keys=old_secret_keys(given, data_dir),
        public_url=_public_url(given.get("CURATOR_PUBLIC_URL"), host, port),
        bind_host=host,
        bind_port=port,
        smtp_url=smtp_url(given.get("CURATOR_SMTP_URL")),
        transports=transports(given.get("CURATOR_TRANSPORTS", "")),
        domain_rates=domain_rates(given.get("CURATOR_DOMAIN_RATES", "")),
        queue_url=_queue_url(given.get("CURATOR_QUEUE_URL")),
        dkim_keys=dkim_keys(given.get("CURATOR_DKIM_KEYS", ""), data_dir),
        bounce_address=tagged_address(given, "CURATOR_BOUNCE_ADDRESS"),
        bounce_maildir=folder("CURATOR_BOUNCE_MAILDIR", given, such_as="/var/mail/bounces"),
        bounce_mailbox=imap_url(given, "CURATOR_BOUNCE_MAILBOX"),
        reply_address=tagged_address(given, "CURATOR_REPLY_ADDRESS"),
        reply_maildir=folder("CURATOR_REPLY_MAILDIR", given, such_as="/var/mail/replies"),
        reply_mailbox=imap_url(given, "CURATOR_REPLY_MAILBOX"),
        pictures_dir=folder("CURATOR_PICTURES_DIR", given, such_as="/srv/curator/pictures"),
        imports_dir=folder("CURATOR_IMPORTS_DIR", given, such_as="/srv/curator/imports"),
        import_max_bytes=number(given, "CURATOR_IMPORT_MAX_BYTES", 2_000_000_000, low=100_000, high=100_000_000_000),
        import_keep_days=number(given, "CURATOR_IMPORT_KEEP_DAYS", 7, low=1, high=365),
        trusted_proxies=number(given, "CURATOR_TRUSTED_PROXIES", 0, low=0, high=10),
        allow_private_addresses=flag(given, "CURATOR_ALLOW_PRIVATE_ADDRESSES"),
        fetch_connect_s=number(given, "CURATOR_FETCH_CONNECT_S", 5.0, low=0.1, high=60),
        fetch_read_s=number(given, "CURATOR_FETCH_READ_S", 20.0, low=0.1, high=120),
        fetch_total_s=number(given, "CURATOR_FETCH_TOTAL_S", 30.0, low=0.1, high=600),
        fetch_max_bytes=number(given, "CURATOR_FETCH_MAX_BYTES", 15_000_000, low=10_000, high=200_000_000),
        polls=number(given, "CURATOR_POLLS", 8, low=1, high=64),
        polls_per_host=number(given, "CURATOR_POLLS_PER_HOST", 1, low=1, high=8),
        worker_threads=number(given, "CURATOR_WORKER_THREADS", 4, low=1, high=64),
        senders=number(given, "CURATOR_SENDERS", 1, low=1, high=64),
        missed_slot_limit_hours=number(given, "CURATOR_MISSED_SLOT_LIMIT_HOURS", 24, low=1, high=24 * 31),
        files_dir=folder("CURATOR_FILES_DIR", given, such_as="/srv/curator/files"),
        download_link_days=number(given, "CURATOR_DOWNLOAD_LINK_DAYS", 7, low=1, high=90),
        keep_requests_days=number(given, "CURATOR_KEEP_REQUESTS_DAYS", 365, low=1, high=3650),
        disposable_domains=domains(given, "CURATOR_DISPOSABLE_DOMAINS"),
        **_keeping(given),
        **hooks(given),
        chromium=program(given, "CURATOR_CHROMIUM"),
        spamassassin=program(given, "CURATOR_SPAMASSASSIN"),
        log_format=choice(given, "CURATOR_LOG_FORMAT", "text", ("text", "json")),
        log_level=choice(given, "CURATOR_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        alert_addresses=mailboxes(given, "CURATOR_ALERT_ADDRESSES"),
        alert_webhook_url=web_address(given, "CURATOR_ALERT_WEBHOOK_URL"),
        alert_disk_free_mb=number(given, "CURATOR_ALERT_DISK_FREE_MB", 2_000, low=100, high=1_000_000),
        heartbeat_url=web_address(given, "CURATOR_HEARTBEAT_URL"),
        metrics_token=secret(given, "CURATOR_METRICS_TOKEN"),
        **backing(given),
        is_demo=flag(given, "CURATOR_DEMO"),
    )


KNOWN = (
    "CURATOR_DATA_DIR",
    "CURATOR_DATABASE_URL",
    "CURATOR_SECRET_KEY",
    "CURATOR_OLD_SECRET_KEYS",
    "CURATOR_PUBLIC_URL",
    "CURATOR_BIND",
    "CURATOR_SMTP_URL",
    "CURATOR_TRANSPORTS",
    "CURATOR_DOMAIN_RATES",
    "CURATOR_QUEUE_URL",
    "CURATOR_DKIM_KEYS",
    "CURATOR_BOUNCE_ADDRESS",
    "CURATOR_BOUNCE_MAILBOX",
    "CURATOR_BOUNCE_MAILDIR",
    "CURATOR_REPLY_ADDRESS",
    "CURATOR_REPLY_MAILBOX",
    "CURATOR_REPLY_MAILDIR",
    "CURATOR_PICTURES_DIR",
    "CURATOR_IMPORTS_DIR",
    "CURATOR_IMPORT_MAX_BYTES",
    "CURATOR_IMPORT_KEEP_DAYS",
    "CURATOR_TRUSTED_PROXIES",
    "CURATOR_ALLOW_PRIVATE_ADDRESSES",
    "CURATOR_FETCH_CONNECT_S",
    "CURATOR_FETCH_READ_S",
    "CURATOR_FETCH_TOTAL_S",
    "CURATOR_FETCH_MAX_BYTES",
    "CURATOR_POLLS",
    "CURATOR_POLLS_PER_HOST",
    "CURATOR_WORKER_THREADS",
    "CURATOR_SENDERS",
    "CURATOR_MISSED_SLOT_LIMIT_HOURS",
    "CURATOR_DISPOSABLE_DOMAINS",
    "CURATOR_FILES_DIR",
    "CURATOR_DOWNLOAD_LINK_DAYS",
    "CURATOR_KEEP_REQUESTS_DAYS",
    "CURATOR_KEEP_POLLS_DAYS",
    "CURATOR_KEEP_JOBS_DAYS",
    "CURATOR_KEEP_ALERTS_DAYS",
    "CURATOR_KEEP_CALLS_DAYS",
    "CURATOR_KEEP_EVENTS_MONTHS",
    "CURATOR_KEEP_DELIVERIES_MONTHS",
    "CURATOR_KEEP_ENDED_MONTHS",
    "CURATOR_KEEP_LOG_MONTHS",
    "CURATOR_HOOK_SES_TOPICS",
    "CURATOR_HOOK_POSTMARK",
    "CURATOR_HOOK_MAILGUN_KEY",
    "CURATOR_HOOK_SENDGRID_KEY",
    "CURATOR_CHROMIUM",
    "CURATOR_SPAMASSASSIN",
    "CURATOR_LOG_FORMAT",
    "CURATOR_LOG_LEVEL",
    "CURATOR_ALERT_ADDRESSES",
    "CURATOR_ALERT_WEBHOOK_URL",
    "CURATOR_ALERT_DISK_FREE_MB",
    "CURATOR_HEARTBEAT_URL",
    "CURATOR_METRICS_TOKEN",
    "CURATOR_BACKUP_DIR",
    "CURATOR_BACKUP_HOUR",
    "CURATOR_BACKUP_KEEP",
    "CURATOR_BACKUP_PASSPHRASE",
    "CURATOR_LEAVINGS_DIR",
    "CURATOR_DEMO",
)

SECRETS = (
    "CURATOR_DATABASE_URL",
    "CURATOR_SECRET_KEY",
    "CURATOR_OLD_SECRET_KEYS",
    "CURATOR_SMTP_URL",
    "CURATOR_TRANSPORTS",
    "CURATOR_QUEUE_URL",
    "CURATOR_BACKUP_PASSPHRASE",
    "CURATOR_BOUNCE_MAILBOX",
    "CURATOR_REPLY_MAILBOX",
    "CURATOR_HOOK_POSTMARK",
    "CURATOR_HOOK_MAILGUN_KEY",
    "CURATOR_ALERT_WEBHOOK_URL",
    "CURATOR_HEARTBEAT_URL",
    "CURATOR_METRICS_TOKEN",
)
"""What may come from a file as well: with `_FILE` behind its name, the variable holds the file's path."""


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1)
            raise SettingError(
                name, f"is not a setting{f'; did you mean {near[0]}?' if near else ' (README lists them).'}"
            )


def _database_url(value: str | None, data_dir: Path) -> str:
    if value is None:
        return f"sqlite:///{data_dir / 'curator.sqlite3'}"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        # ValueError: a port that is no number. Neither is chained: its words quote what may be a password.
        raise SettingError(
            "CURATOR_DATABASE_URL", "is not a database URL (sqlite:///FILE or postgresql://USER@HOST/NAME)."
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError(
            "CURATOR_DATABASE_URL", f"names {url.get_backend_name()}; Curator runs on sqlite and postgresql."
        )
    return value


def _bind(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingError("CURATOR_BIND", f"is {value!r}; it must be HOST:PORT, such as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def _public_url(value: str | None, host: str, port: int) -> str:
    if value is None:
        return f"http://{host}:{port}"
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingError("CURATOR_PUBLIC_URL", f"is {value!r}; it must be like https://news.example.org.")
    if parts.path.strip("/"):
        raise SettingError("CURATOR_PUBLIC_URL", f"is {value!r}; Curator needs a host of its own, without a path.")
    return value.rstrip("/")


def _queue_url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    # RabbitMQ's first virtual host is named "/", hence the two slashes that end many of these URLs.
    if not is_good or parts.query or parts.fragment or ("/" in parts.path[1:] and parts.path != "//"):
        # Not the value itself: it holds a password.
        raise SettingError(
            "CURATOR_QUEUE_URL", "must be like amqp://USER:PASSWORD@rabbit.example.org/VHOST (or amqps://)."
        )
    return value


def _keeping(given: Mapping[str, str]) -> dict[str, Any]:
    usual = {"events": 13, "deliveries": 24, "ended": 36, "log": 24}
    by_day = {"polls": 365, "jobs": 14, "alerts": 180, "calls": 30}
    return {
        f"keep_{kind}_months": number(given, f"CURATOR_KEEP_{kind.upper()}_MONTHS", months, low=0, high=1200)
        for kind, months in usual.items()
    } | {
        f"keep_{kind}_days": number(given, f"CURATOR_KEEP_{kind.upper()}_DAYS", days, low=1, high=3650)
        for kind, days in by_day.items()
    }
